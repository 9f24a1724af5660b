import { sensitive } from './sensitive.ts';
import {
  EVERYONE,
  INSIDERS,
  NOBODY,
  type Seers,
  SIGNED_IN,
  UNBLOCKED,
  UNBLOCKED_INSIDERS,
  UNBLOCKED_SIGNED_IN,
} from './seers.ts';

/**
 * Who sees what, by hand and from the product's promises, so that a declaration which is wrong does not prove itself. The
 * most sensitive fields are in `sensitive.ts`.
 */
export const expectations: Readonly<Record<string, Seers>> = {
  ...sensitive,

  // A person.
  'User.username': { public: UNBLOCKED },
  'User.bio': { public: UNBLOCKED },
  'User.followers': { public: UNBLOCKED },
  'Query.users': { public: UNBLOCKED },
  'Query.viewer': { public: SIGNED_IN },
  'Query.jsonWebKeySet': { public: NOBODY },
  'Mutation.registerVerified': { public: NOBODY },
  'Mutation.changePassword': { public: SIGNED_IN },
  'Mutation.changeEmail': { public: SIGNED_IN },
  // What may be done with keys is for sessions.
  'Mutation.createApiKey': { public: SIGNED_IN },

  // What only those who look after the site do.
  'Mutation.suppressMailAddress': { public: 'admin' },
  'Mutation.setUserRole': { public: 'admin' },
  'Mutation.suspendUser': { public: 'siteModerator admin' },
  'Mutation.reinstateUser': { public: 'siteModerator admin' },

  // A post: what is in a private community is for its people, a draft for its author.
  'Post.title': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.slug': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.html': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.excerpt': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.tags': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.counts': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.comments': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.sentiment': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: NOBODY },
  'Post.related': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Post.viewerVote': { public: UNBLOCKED_SIGNED_IN, private: UNBLOCKED_INSIDERS, draft: NOBODY },
  'Query.posts': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS, draft: 'owner' },
  'Query.nodes': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
  'Query.homeFeed': { public: UNBLOCKED_SIGNED_IN, private: UNBLOCKED_INSIDERS },
  'Subscription.postUpdated': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },

  // A comment under it.
  'Comment.html': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
  'Comment.author': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
  'Comment.sentiment': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
  'Query.comments': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
  'Subscription.newComment': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },

  // Search finds for nobody what they may not see.
  'Query.search': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
  'Query.suggest': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
  'Query.trendingPosts': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
  // Of the lists, what others wrote is there for the blocked, too.
  'SearchResult.node': { public: EVERYONE },
  'FeedItem.post': { public: SIGNED_IN },
  'Bookmark.post': { public: SIGNED_IN },

  // Changes.
  'Mutation.createPost': { public: SIGNED_IN },
  'Mutation.updatePost': { public: 'owner', private: 'owner', draft: 'owner' },
  'Mutation.publishPost': { public: 'owner', private: 'owner', draft: 'owner' },
  'Mutation.deletePost': {
    public: 'owner moderator siteModerator admin',
    private: 'owner moderator admin',
    draft: 'owner',
  },
  'Mutation.addComment': { public: UNBLOCKED_SIGNED_IN, private: UNBLOCKED_INSIDERS },
  'Mutation.editComment': { public: 'owner', private: 'owner' },
  'Mutation.deleteComment': { public: 'owner moderator siteModerator admin', private: 'owner moderator admin' },
  'Mutation.joinCommunity': { public: SIGNED_IN, private: INSIDERS },
  'Mutation.addCommunityMember': { public: 'owner moderator admin', private: 'owner moderator admin' },
  'Mutation.removeCommunityMember': { public: 'owner moderator admin', private: 'owner moderator admin' },
  'Mutation.vote': { public: UNBLOCKED_SIGNED_IN, private: UNBLOCKED_INSIDERS },
  'Mutation.bookmarkPost': { public: UNBLOCKED_SIGNED_IN, private: UNBLOCKED_INSIDERS },
  'Mutation.trackEvent': { public: UNBLOCKED, private: UNBLOCKED_INSIDERS },
};
