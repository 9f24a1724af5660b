package dev;

import java.io.Reader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.charfilter.HTMLStripCharFilter;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.StopFilter;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.TrimFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenizer;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.analysis.AbstractCharFilterFactory;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.PreConfiguredCharFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;
import org.tartarus.snowball.ext.EnglishStemmer;

/** Stands in for the modules that the distribution on Maven lacks: text analysis and the root endpoint. Tests and development only. */
public class DevPlugin extends Plugin implements AnalysisPlugin, ActionPlugin {
  private static AnalysisProvider<TokenFilterFactory> filter(Function<Settings, Function<TokenStream, TokenStream>> of) {
    return (index, environment, name, settings) -> {
      Function<TokenStream, TokenStream> wrap = of.apply(settings);
      return new AbstractTokenFilterFactory(name, settings) {
        public TokenStream create(TokenStream stream) {
          return wrap.apply(stream);
        }
      };
    };
  }

  private static TokenStream stem(TokenStream stream, String language) {
    return switch (language) {
      case "light_english", "kstem" -> new KStemFilter(stream);
      case "porter2" -> new SnowballFilter(stream, new EnglishStemmer());
      case "possessive_english" -> new EnglishPossessiveFilter(stream);
      default -> new PorterStemFilter(stream);
    };
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    Map<String, AnalysisProvider<TokenFilterFactory>> filters = new HashMap<>();
    filters.put("asciifolding", filter(s -> t -> new ASCIIFoldingFilter(t, s.getAsBoolean("preserve_original", false))));
    filters.put("stemmer", filter(s -> t -> stem(t, s.get("language", s.get("name", "english")))));
    filters.put("porter_stem", filter(s -> PorterStemFilter::new));
    filters.put("kstem", filter(s -> KStemFilter::new));
    filters.put("edge_ngram", filter(s -> t ->
        new EdgeNGramTokenFilter(t, s.getAsInt("min_gram", 1), s.getAsInt("max_gram", 2), s.getAsBoolean("preserve_original", false))));
    filters.put("ngram", filter(s -> t ->
        new NGramTokenFilter(t, s.getAsInt("min_gram", 1), s.getAsInt("max_gram", 2), s.getAsBoolean("preserve_original", false))));
    filters.put("trim", filter(s -> TrimFilter::new));
    filters.put("unique", filter(s -> RemoveDuplicatesTokenFilter::new));
    return filters;
  }

  @Override
  public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
    return List.of(
        PreConfiguredTokenFilter.singleton("asciifolding", true, ASCIIFoldingFilter::new),
        PreConfiguredTokenFilter.singleton("porter_stem", false, PorterStemFilter::new),
        PreConfiguredTokenFilter.singleton("kstem", false, KStemFilter::new),
        PreConfiguredTokenFilter.singleton("trim", true, TrimFilter::new),
        PreConfiguredTokenFilter.singleton("stop", false, t -> new StopFilter(t, EnglishAnalyzer.getDefaultStopSet())));
  }

  @Override
  public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
    return Map.of("html_strip", (index, environment, name, settings) -> new AbstractCharFilterFactory(name) {
      public Reader create(Reader reader) {
        return new HTMLStripCharFilter(reader);
      }
    });
  }

  @Override
  public List<PreConfiguredCharFilter> getPreConfiguredCharFilters() {
    return List.of(PreConfiguredCharFilter.singleton("html_strip", false, HTMLStripCharFilter::new));
  }

  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    Map<String, AnalysisProvider<TokenizerFactory>> tokenizers = new HashMap<>();
    tokenizers.put("edge_ngram", (index, environment, name, s) ->
        TokenizerFactory.newFactory(name, () -> new EdgeNGramTokenizer(s.getAsInt("min_gram", 1), s.getAsInt("max_gram", 2))));
    tokenizers.put("keyword", (index, environment, name, s) -> TokenizerFactory.newFactory(name, KeywordTokenizer::new));
    tokenizers.put("whitespace", (index, environment, name, s) -> TokenizerFactory.newFactory(name, WhitespaceTokenizer::new));
    return tokenizers;
  }

  @Override
  public List<PreConfiguredTokenizer> getPreConfiguredTokenizers() {
    return List.of(
        PreConfiguredTokenizer.singleton("keyword", KeywordTokenizer::new),
        PreConfiguredTokenizer.singleton("whitespace", WhitespaceTokenizer::new));
  }

  @Override
  public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
    Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> analyzers = new HashMap<>();
    analyzers.put("english", (index, environment, name, settings) ->
        new AbstractIndexAnalyzerProvider<EnglishAnalyzer>(name, settings) {
          private final EnglishAnalyzer analyzer = new EnglishAnalyzer();

          public EnglishAnalyzer get() {
            return analyzer;
          }
        });
    return analyzers;
  }

  @Override
  public List<RestHandler> getRestHandlers(
      Settings settings,
      NamedWriteableRegistry registry,
      RestController controller,
      ClusterSettings clusterSettings,
      IndexScopedSettings indexSettings,
      SettingsFilter settingsFilter,
      IndexNameExpressionResolver resolver,
      Supplier<DiscoveryNodes> nodes,
      Predicate<NodeFeature> features) {
    return List.of(new RootEndpoint());
  }

  /** What clients ask first to learn the version. */
  private static class RootEndpoint extends BaseRestHandler {
    public String getName() {
      return "dev_root";
    }

    public List<Route> routes() {
      return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
    }

    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
      return channel -> {
        XContentBuilder body = channel.newBuilder();
        body.startObject().field("name", client.getLocalNodeId()).field("cluster_name", "dev");
        body.startObject("version").field("number", Build.current().version()).field("build_flavor", "default");
        body.field("lucene_version", org.apache.lucene.util.Version.LATEST.toString()).endObject();
        body.field("tagline", "You Know, for Search").endObject();
        channel.sendResponse(new RestResponse(RestStatus.OK, body));
      };
    }
  }
}
