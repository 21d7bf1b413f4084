using System.Globalization;

namespace DeployCard.Contracts.Configuration;

/// <summary>A number in a range, and 0 if that has a special meaning.</summary>
/// <param name="min">Minimum, in the unit of the field.</param>
/// <param name="max">Maximum, in the unit of the field.</param>
public sealed class NumberRangeAttribute(double min, double max) : FieldRuleAttribute
{
    private static readonly (double Size, string Name)[] ByteUnits =
    [
        (1L << 40, "TiB"),
        (1L << 30, "GiB"),
        (1L << 20, "MiB"),
        (1L << 10, "KiB"),
    ];

    /// <summary>Whether the value is a number of bytes.</summary>
    public bool IsBytes { get; init; }

    /// <summary>Whether the value may have decimals.</summary>
    public bool HasDecimals { get; init; }

    /// <inheritdoc/>
    public override FieldKind Kind =>
        IsBytes ? FieldKind.Bytes
        : HasDecimals ? FieldKind.Number
        : FieldKind.WholeNumber;

    /// <inheritdoc/>
    public override string Minimum => min.ToString("R", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string Maximum => max.ToString("R", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string Allowed =>
        $"{(Zero is null ? "" : $"0 ({Zero}) or ")}{Format(min)} to {Format(max)}{(Unit is null ? "" : $" {Unit}")}";

    /// <inheritdoc/>
    public override IEnumerable<FieldProblem> Check(object value)
    {
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        // The comparison is false for NaN, which is no allowed value.
        var isAllowed = (Zero is not null && number == 0) || (number >= min && number <= max);
        return isAllowed ? [] : [new(Allowed, string.Create(CultureInfo.InvariantCulture, $"{value}"))];
    }

    /// <inheritdoc/>
    public override string Describe(object? stored) =>
        stored is null || Convert.ToDouble(stored, CultureInfo.InvariantCulture) is 0 && Zero is not null
            ? Zero ?? ""
            : Format(Convert.ToDouble(stored, CultureInfo.InvariantCulture));

    private string Format(double number)
    {
        if (IsBytes && Array.Find(ByteUnits, unit => number >= unit.Size && number % unit.Size == 0) is { Name: { } name } unit)
            return string.Create(CultureInfo.InvariantCulture, $"{number / unit.Size} {name}");
        return number.ToString(HasDecimals ? "#,0.###" : "#,0", CultureInfo.InvariantCulture);
    }
}
