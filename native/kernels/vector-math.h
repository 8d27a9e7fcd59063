#pragma once
// Functions of kLanes float32 values at once. Relative errors against float64, over all float32
// arguments, are at most 2e-7 where nothing else is said; NaN stays NaN. Coefficients are relative
// minimax fits of the functions named beside them.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {

// mask lanes are 0 or −1, as comparisons give them.
[[gnu::always_inline]] inline Floats select(Integers mask, Floats yes, Floats no) { return mask ? yes : no; }
[[gnu::always_inline]] inline Floats absolute(Floats x) {
  return reinterpret_cast<Floats>(reinterpret_cast<Integers>(x) & 0x7fffffff);
}

// The larger and the smaller of x and a limit; one instruction each, and NaN stays NaN.
[[gnu::always_inline]] inline Floats atLeast(Floats x, float limit) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_max_ps(_mm512_set1_ps(limit), reinterpret_cast<__m512>(x)));
#elif defined(__AVX__)
  return reinterpret_cast<Floats>(_mm256_max_ps(_mm256_set1_ps(limit), reinterpret_cast<__m256>(x)));
#else
  return select(x < limit, splat(limit), x);
#endif
}
[[gnu::always_inline]] inline Floats atMost(Floats x, float limit) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_min_ps(_mm512_set1_ps(limit), reinterpret_cast<__m512>(x)));
#elif defined(__AVX__)
  return reinterpret_cast<Floats>(_mm256_min_ps(_mm256_set1_ps(limit), reinterpret_cast<__m256>(x)));
#else
  return select(x > limit, splat(limit), x);
#endif
}

// e^(x + small) for −120 < x < 89, where |small| < 0.1 carries what did not fit into x.
[[gnu::always_inline]] inline Floats exponentialInRange(Floats x, Floats small = Floats{}) {
  const Floats round = splat(12582912.0f);  // 1.5 · 2^23: adding it rounds to an integer, in the low bits
  const Floats shifted = x * 1.44269504f + round;
  const Floats n = shifted - round;
  const Floats r = ((x - n * 0.693145752f) - n * 1.42860677e-6f) + small;  // ln 2 in two parts
  // (e^r − 1 − r)/r²
  Floats p = r * 0.001381459904f + 0.008368716869f;
  p = p * r + 0.04166838804f;
  p = p * r + 0.1666652063f;
  p = p * r + 0.4999999345f;
  p = r * r * p + (r + 1.0f);
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_maskz_scalef_ps(0xffff, reinterpret_cast<__m512>(p), reinterpret_cast<__m512>(n)));
#else
  // 2^n in two factors, so that both ends of the range are reached.
  const Integers whole = reinterpret_cast<Integers>(shifted) - reinterpret_cast<Integers>(round);
  const Integers half = whole >> 1;
  p *= reinterpret_cast<Floats>((half + 127) << 23);
  return p * reinterpret_cast<Floats>((whole - half + 127) << 23);
#endif
}

// e^x. Below −103.9 it is 0, above 88.7 infinite.
[[gnu::always_inline]] inline Floats exponential(Floats x) { return exponentialInRange(atMost(atLeast(x, -105.0f), 89.0f)); }

// e^x for x that is not above 89, such as a difference from a maximum.
[[gnu::always_inline]] inline Floats exponentialBelow(Floats x) { return exponentialInRange(atLeast(x, -105.0f)); }

// 1/(1 + e^−x).
[[gnu::always_inline]] inline Floats sigmoid(Floats x) { return 1.0f / (1.0f + exponential(-x)); }

[[gnu::always_inline]] inline Floats hyperbolicTangent(Floats x) {
  const Floats size = absolute(x);
  const Floats square = x * x;
  // (tanh x − x)/x³ on |x| < 0.63
  Floats p = square * -0.005666978876f + 0.02060617818f;
  p = p * square + -0.05373000758f;
  p = p * square + 0.1333133101f;
  p = p * square + -0.3333327806f;
  const Floats near = x + x * square * p;
  const Floats far = 1.0f - 2.0f / (1.0f + exponential(size + size));
  return select(size < 0.63f, near, select(x < 0.0f, -far, far));
}

// x·Φ(x), Φ the standard normal distribution function: GELU as defined, relative error 5e-7 in the negative tail too.
[[gnu::always_inline]] inline Floats geluExact(Floats x) {
  const Floats size = atMost(absolute(x), 14.5f);
  // Φ(−x)·e^(x²/2)·(1 + 0.35 x) in t = 1/(1 + 0.35 x)
  const Floats t = 1.0f / (size * 0.35f + 1.0f);
  Floats p = t * -0.02916378774f + 0.1440601535f;
  p = p * t + -0.2559005765f;
  p = p * t + 0.1593915102f;
  p = p * t + -0.0232629228f;
  p = p * t + 0.1055744399f;
  p = p * t + 0.1198155832f;
  p = p * t + 0.1398643253f;
  p = p * t + 0.1396212589f;
  // x² = high² + (x − high)(x + high), where high has 12 bits, so that its square is exact.
  const Floats high = reinterpret_cast<Floats>(reinterpret_cast<Integers>(size) & static_cast<std::int32_t>(0xfffff000u));
  const Floats tail = p * t * exponentialInRange(-0.5f * high * high, -0.5f * (size - high) * (size + high));
  return x * select(x < 0.0f, tail, 1.0f - tail);
}

// ½x·(1 + tanh(√(2/π)(x + 0.044715x³))), by 1 + tanh u = 2/(1 + e^−2u); relative error 1e-6, but 1e-5 in the tail below −3.
[[gnu::always_inline]] inline Floats geluTanh(Floats x) {
  const Floats twice = x * (x * x * 0.0713548162726f + 1.5957691216f);
  return x * sigmoid(twice);
}

// x/(1 + e^−x).
[[gnu::always_inline]] inline Floats silu(Floats x) { return x * sigmoid(x); }

[[gnu::always_inline]] inline Floats relu(Floats x) { return select(x < 0.0f, Floats{}, x); }

}  // namespace neurometry::NEUROMETRY_ISA
