//! Quantiles of the normal distribution and of Student's.

/// The standard normal distribution's value at `probability`, by halving: the integral has no closed form, and the
/// few values that are asked for need no speed.
pub(super) fn normal(probability: f64) -> f64 {
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if cumulative(middle) < probability { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// How much of the standard normal distribution lies below `value`.
///
/// Up to 6 by the series of Marsaglia 2004, "Evaluating the normal distribution"; beyond that, what is left does not
/// matter here.
fn cumulative(value: f64) -> f64 {
    if value.abs() > 6.0 {
        return if value < 0.0 { 0.0 } else { 1.0 };
    }
    let (mut sum, mut term, mut odd) = (value, value, 1.0);
    while term.abs() > 1e-17 {
        odd += 2.0;
        term *= value * value / odd;
        sum += term;
    }
    0.5 + sum * (-0.5 * value * value).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Student's distribution's value at `probability`, from the normal one's by the expansion in Abramowitz and Stegun,
/// 26.7.5; for seven degrees of freedom and more it is within a hundredth.
pub(super) fn student(probability: f64, degrees_of_freedom: f64) -> f64 {
    let z = normal(probability);
    let [z2, z3, z5, z7] = [2, 3, 5, 7].map(|power| z.powi(power));
    let terms = [
        (z3 + z) / 4.0,
        (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0,
        (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0,
        (79.0 * z7 * z2 + 776.0 * z7 + 1482.0 * z5 - 1920.0 * z3 - 945.0 * z) / 92_160.0,
    ];
    let powers = (1..).map(|power| degrees_of_freedom.powi(power));
    z + terms.iter().zip(powers).map(|(term, power)| term / power).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_are_those_of_the_tables() {
        let near = |got: f64, expected: f64, by: f64| assert!((got - expected).abs() < by, "{got} {expected}");
        near(normal(0.5), 0.0, 1e-9);
        near(normal(0.975), 1.959_964, 1e-6);
        near(normal(0.995), 2.575_829, 1e-6);
        near(normal(0.0005), -3.290_527, 1e-6);
        near(student(0.995, 7.0), 3.499_483, 0.01);
        near(student(0.995, 20.0), 2.845_340, 0.001);
        near(student(0.9995, 10.0), 4.586_894, 0.01);
        near(student(0.975, 1e9), 1.959_964, 1e-5);
    }
}
