/** What a Jinja template says, as a tree. @module */

/** What stands in the parentheses of a call. */
export interface CallArguments {
  /** Values by place. */
  readonly positional: readonly Expression[];
  /** Values by name. */
  readonly named: readonly (readonly [string, Expression])[];
  /** A list whose values follow those by place: `*list`. */
  readonly list?: Expression;
  /** Further values by name: `**dict`. */
  readonly dict?: Expression;
}

/** A value to be worked out. */
export type Expression =
  | { readonly kind: "constant"; readonly value: string | number | boolean | null }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list" | "tuple"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "item"; readonly of: Expression; readonly key: Expression }
  | {
    readonly kind: "slice";
    readonly of: Expression;
    readonly bounds: readonly (Expression | undefined)[];
  }
  | { readonly kind: "call"; readonly of: Expression; readonly args: CallArguments }
  | {
    readonly kind: "filter";
    /** What is filtered; undefined where a block's text is. */
    readonly of: Expression | undefined;
    readonly name: string;
    readonly args: CallArguments;
  }
  | {
    readonly kind: "test";
    readonly of: Expression;
    readonly name: string;
    readonly args: CallArguments;
  }
  | { readonly kind: "not" | "negative" | "positive"; readonly of: Expression }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
    readonly kind: "arithmetic";
    readonly operator: string;
    readonly left: Expression;
    readonly right: Expression;
  }
  | { readonly kind: "concatenation"; readonly parts: readonly Expression[] }
  | {
    readonly kind: "comparison";
    readonly first: Expression;
    readonly rest: readonly (readonly [string, Expression])[];
  }
  | {
    readonly kind: "choice";
    readonly test: Expression;
    readonly yes: Expression;
    readonly no: Expression | undefined;
  };

/** Where a value is put. */
export type Target =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "tuple"; readonly items: readonly Target[] }
  | { readonly kind: "namespace"; readonly name: string; readonly attribute: string };

/** What a macro takes: names, some with a value to use when none is given. */
export type Parameters = readonly {
  readonly name: string;
  readonly otherwise?: Expression;
}[];

/** A piece of a template that writes or sets something. */
export type Statement =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "output"; readonly value: Expression }
  | {
    readonly kind: "if";
    readonly branches: readonly {
      readonly test: Expression;
      readonly body: readonly Statement[];
    }[];
    readonly otherwise: readonly Statement[];
  }
  | {
    readonly kind: "for";
    readonly target: Target;
    readonly over: Expression;
    readonly test: Expression | undefined;
    readonly recursive: boolean;
    readonly body: readonly Statement[];
    readonly otherwise: readonly Statement[];
  }
  | { readonly kind: "break" | "continue" }
  | { readonly kind: "set"; readonly target: Target; readonly value: Expression }
  | {
    readonly kind: "set block";
    readonly target: Target;
    readonly filter: Expression | undefined;
    readonly body: readonly Statement[];
  }
  | {
    readonly kind: "with";
    readonly values: readonly (readonly [Target, Expression])[];
    readonly body: readonly Statement[];
  }
  | {
    readonly kind: "macro";
    readonly name: string;
    readonly parameters: Parameters;
    readonly body: readonly Statement[];
  }
  | {
    readonly kind: "call block";
    readonly call: Expression;
    readonly parameters: Parameters;
    readonly body: readonly Statement[];
  }
  | {
    readonly kind: "filter block";
    readonly filter: Expression;
    readonly body: readonly Statement[];
  }
  | { readonly kind: "generation"; readonly body: readonly Statement[] };
