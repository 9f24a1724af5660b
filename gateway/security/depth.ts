import type { ASTVisitor, ValidationContext } from 'graphql';
import { overLimit, type OperationLimits } from './limits.ts';
import { measureDocument } from './measure.ts';

type DepthLimits = Pick<OperationLimits, 'maxDepth' | 'maxIntrospectionDepth' | 'maxSelections'>;

/** A validation rule that refuses what is too deep or too large, with the code, the limit and the measured value. */
export function limitRule(limits: DepthLimits): (context: ValidationContext) => ASTVisitor {
  return (context) => {
    const refuse = (code: string, what: string, measured: number, limit: number): void => {
      if (measured > limit) context.reportError(overLimit(code, `The operation ${what}`, measured, limit));
    };
    return {
      Document(document) {
        const { depth, introspectionDepth, selections } = measureDocument(document);
        refuse('DEPTH_LIMIT_EXCEEDED', 'is nested too deeply', depth, limits.maxDepth);
        const introspection = 'asks the schema too deeply';
        refuse('DEPTH_LIMIT_EXCEEDED', introspection, introspectionDepth, limits.maxIntrospectionDepth);
        refuse('SELECTION_LIMIT_EXCEEDED', 'selects too many fields', selections, limits.maxSelections);
      },
    };
  };
}
