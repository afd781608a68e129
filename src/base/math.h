// Elementary functions whose results have the same bits on every machine and under every compiler.
//
// The C library's differ by version and processor, which would make two folds of one log differ.
// These use only additions, multiplications, divisions and square roots of IEEE 754 doubles in a
// fixed order, rounded to nearest. Built without contraction of floating-point expressions (see
// cmake/toolchain.cmake). All are pure, thread-safe and never set errno.
//
// Special values follow C's Annex F: Log(0) is -inf, Log of a negative is NaN, Pow(x, 0) is 1.
#pragma once

#include <cmath>

namespace batuta::base {

// Exp, Log, Log2 and Pow are within 2 units in the last place, subnormal results included.
//
// Exp: reduction by multiples of ln 2 in two parts (Cody and Waite, "Software Manual for the
// Elementary Functions", 1980), then the Taylor polynomial of degree 13.
double Exp(double x);

// Log: x = 2^k (1 + f), then ln(1 + f) = 2 atanh(f / (2 + f)) by its power series (Abramowitz and
// Stegun 4.1.28), arranged so that f enters exactly.
double Log(double x);
double Log2(double x);

// ln(1 + x) without cancellation near 0, within 4 units in the last place. NaN for x < -1.
double Log1p(double x);

// Pow: the logarithm to about 70 bits by sums and products of pairs of doubles (Dekker, "A
// floating-point technique for extending the available precision", 1971), then Exp.
double Pow(double x, double y);

// Correctly rounded by IEEE 754, hence the same everywhere.
inline double Sqrt(double x) { return std::sqrt(x); }

// ln Γ(x) for x > 0: Stirling's series after shifting x above 12. Its error is below 2e-14 absolute
// or 8e-16 relative, whichever is larger. +inf at 0 and +inf; NaN below 0.
double LogGamma(double x);

// The regularised incomplete beta function I_x(a, b): the probability that a Beta(a, b) variable is
// at most x. Continued fraction by Lentz's method, its factor as DiDonato and Morris do ("Algorithm
// 708", ACM TOMS 18, 1992). Relative error below 1e-12 up to a, b = 1e6. Requires: a, b > 0 and
// finite.
double BetaProbability(double x, double a, double b);

// The x in [0, 1] at which BetaProbability reaches p: Newton steps kept inside a bracket.
// Requires: 0 <= p <= 1; a, b > 0 and finite.
double BetaQuantile(double p, double a, double b);

}  // namespace batuta::base
