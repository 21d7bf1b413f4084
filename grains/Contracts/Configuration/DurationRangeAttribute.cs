using System.Globalization;
using System.Xml;

namespace DeployCard.Contracts.Configuration;

/// <summary>A duration in a range, and 0 if that has a special meaning.</summary>
/// <param name="minSeconds">Minimum of the range in seconds.</param>
/// <param name="maxSeconds">Maximum of the range in seconds.</param>
public sealed class DurationRangeAttribute(double minSeconds, double maxSeconds) : FieldRuleAttribute
{
    private const int Hour = 3600;
    private const int Day = 24 * Hour;

    /// <inheritdoc/>
    public override FieldKind Kind => FieldKind.Duration;

    /// <inheritdoc/>
    public override string Minimum => XmlConvert.ToString(TimeSpan.FromSeconds(minSeconds));

    /// <inheritdoc/>
    public override string Maximum => XmlConvert.ToString(TimeSpan.FromSeconds(maxSeconds));

    /// <inheritdoc/>
    public override string Allowed => $"{(Zero is null ? "" : $"0 ({Zero}) or ")}{Format(minSeconds)} to {Format(maxSeconds)}";

    /// <inheritdoc/>
    public override IEnumerable<FieldProblem> Check(object value)
    {
        var seconds = ((TimeSpan)value).TotalSeconds;
        var isAllowed = (Zero is not null && seconds == 0) || (seconds >= minSeconds && seconds <= maxSeconds);
        return isAllowed ? [] : [new(Allowed, string.Create(CultureInfo.InvariantCulture, $"{seconds} s"))];
    }

    /// <inheritdoc/>
    public override string Describe(object? stored) =>
        stored is TimeSpan time && (time != TimeSpan.Zero || Zero is null) ? Format(time.TotalSeconds) : Zero ?? "";

    private static string Format(double seconds) =>
        seconds switch
        {
            > Day when seconds % Day == 0 => $"{seconds / Day} days",
            >= Hour when seconds % Hour == 0 => $"{seconds / Hour} h",
            >= 60 when seconds % 60 == 0 => $"{seconds / 60} min",
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
        };
}
