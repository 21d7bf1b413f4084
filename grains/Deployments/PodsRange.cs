using System.Globalization;

namespace DeployCard.Grains.Deployments;

/// <summary>
/// How many pods a deployment may have, written <c>min-max</c> as in <c>0-3</c>, each 0 to 100. <c>0-0</c> is no stop: zero pods at rest
/// and no upper bound but the platform's own.
/// </summary>
[GenerateSerializer, Alias("pods-range"), Immutable]
public readonly record struct PodsRange([property: Id(0)] int Min, [property: Id(1)] int Max)
{
    /// <summary>What a range may be, for messages to people.</summary>
    public const string Allowed = "min-max with 0 <= min <= max <= 100, as in 0-3";

    /// <summary>The most pods that a range may name.</summary>
    public const int Most = 100;

    /// <summary>The upper bound in force where the platform itself allows <paramref name="cap"/> pods.</summary>
    public int Ceiling(int cap) => this == default ? cap : Math.Min(Max, cap);

    /// <summary>Whether <paramref name="text"/> is a range.</summary>
    public static bool TryParse(string? text, out PodsRange range)
    {
        range = default;
        var parts = text?.Split('-');
        if (parts is not [var low, var high] || !TryNumber(low, out var min) || !TryNumber(high, out var max) || min > max)
            return false;
        range = new(min, max);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Min}-{Max}";

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Most;
}
