/** Element types that kernels read and write. Weights stored as f16 or bf16 are widened when they are uploaded. */
export type ElementType = "f32" | "u32";

/** What a kernel does with one operand. `update` reads and overwrites in place. */
export interface OperandDescription {
  readonly type: ElementType;
  readonly access: "read" | "write" | "update";
  /** May be left out: native code then sees a null pointer, a shader sees `override has_<operand>: u32` = 0. */
  readonly optional?: true;
}

/** What a GPU offers a kernel that chooses its workgroups. */
export interface GpuTraits {
  readonly invocations: number;
  readonly workgroupBytes: number;
  readonly subgroups: boolean;
  readonly f16: boolean;
}

/**
 * One computation, implemented twice under one name: `native/kernels/<name>.cpp` and
 * `shaders/<name>.wgsl`, with the slow truth in `test/reference/<name>.ts`.
 *
 * The order of operands, parameters and options is the order in which native code reads them;
 * shaders read parameters by name (camelCase here, snake_case there) from their `struct Params`,
 * and options as `override` constants.
 */
export interface Kernel<
  Operand extends string = string,
  Parameter extends string = string,
  Option extends string = string,
> {
  readonly name: string;
  readonly operands: Readonly<Record<Operand, OperandDescription>>;
  /** Numbers that may change from one submit to the next. Sizes and counts are u32. */
  readonly parameters: Readonly<Record<Parameter, "u32" | "f32">>;
  /** Small numbers fixed when the plan is recorded: they choose code paths. */
  readonly options?: readonly Option[];
  /** Workgroups the GPU runs; they are numbered along one line (`group_index` in shaders/shared/groups.wgsl). */
  readonly groups: (
    parameters: Readonly<Record<Parameter, number>>,
    gpu: GpuTraits,
    options: Readonly<Record<Option, number>>,
  ) => number;
  /**
   * How the work can be cut when an operand exceeds what one binding may hold: parameter →
   * operand → the dimension of that operand which the parameter runs along. A function, where
   * options decide how operands lie.
   */
  readonly axes?: Axes<Operand, Parameter> | ((options: Readonly<Record<Option, number>>) => Axes<Operand, Parameter>);
  /** Like `axes`, where the work cannot be cut: how long an operand is in a call, though its shape has room for more. */
  readonly extents?: Axes<Operand, Parameter>;
  /**
   * Parameters of `axes` that a call is never cut along: they only say how far operands reach. For rows that are
   * looked up by number or by sequence, as a piece would not see the others' rows.
   */
  readonly whole?: readonly NoInfer<Parameter>[];
  /** The operands that this kernel's adjoint will need. */
  readonly saved?: readonly Operand[];
}

/** Parameter → operand → the dimension of that operand which the parameter runs along. */
export type Axes<Operand extends string = string, Parameter extends string = string> = Partial<
  Readonly<Record<Parameter, Partial<Readonly<Record<Operand, number>>>>>
>;

/** Checks a kernel's description at compile time and hands it on with its literal names. */
export function describeKernel<Operand extends string, Parameter extends string, Option extends string = never>(
  kernel: Kernel<Operand, Parameter, Option>,
): Kernel<Operand, Parameter, Option> {
  return kernel;
}
