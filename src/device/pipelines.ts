import { KernelError } from "../core/errors.js";
import { constantsOf } from "./gpu-plan.js";
import type { Step } from "./plan.js";
import { loadShader } from "./wgsl.js";

/** A compiled shader with its bind group layout: the operands in order, then the parameters. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly blockBytes: number;
}

/** Compiles each shader once per choice of constants. */
export class Pipelines {
  readonly #gpu: GPUDevice;
  readonly #known = new Map<string, Promise<Pipeline>>();

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  get(step: Step): Promise<Pipeline> {
    const shader = loadShader(step.kernel.name);
    const constants = constantsOf(step, shader);
    const key = `${step.kernel.name} ${JSON.stringify(constants)}`;
    let pipeline = this.#known.get(key);
    if (!pipeline) {
      pipeline = this.#compile(step, constants);
      this.#known.set(key, pipeline);
    }
    return pipeline;
  }

  async #compile({ kernel }: Step, constants: Record<string, number>): Promise<Pipeline> {
    const { code, fields } = loadShader(kernel.name);
    const blockBytes = Math.ceil((fields.length * 4) / 16) * 16;
    const operands = Object.values(kernel.operands).map(({ access }, binding): GPUBindGroupLayoutEntry => {
      return {
        binding,
        visibility: 4 /* COMPUTE */,
        buffer: { type: access === "read" ? "read-only-storage" : "storage" },
      };
    });
    const parameters: GPUBindGroupLayoutEntry = {
      binding: operands.length,
      visibility: 4,
      buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: blockBytes },
    };
    const layout = this.#gpu.createBindGroupLayout({ label: kernel.name, entries: [...operands, parameters] });
    const module = this.#gpu.createShaderModule({ label: kernel.name, code });
    try {
      const pipeline = await this.#gpu.createComputePipelineAsync({
        label: kernel.name,
        layout: this.#gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main", constants },
      });
      return { pipeline, layout, blockBytes };
    } catch (cause) {
      throw new KernelError(kernel.name, cause);
    }
  }
}
