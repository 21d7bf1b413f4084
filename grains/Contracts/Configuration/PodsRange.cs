using System.Globalization;

namespace DeployCard.Contracts.Configuration;

/// <summary>
/// Minimum and maximum number of pods of a deployment, each 0 to 100, written <c>min-max</c>, for example <c>0-3</c>. <c>0-0</c> does not
/// stop the deployment: it has no pods while idle, and only <c>DeploymentOptions.MaxPodsPerDeployment</c> limits it under load.
/// </summary>
[GenerateSerializer, Alias("pods-range"), Immutable]
public readonly record struct PodsRange([property: Id(0)] int Min, [property: Id(1)] int Max) : IParsable<PodsRange>
{
    /// <summary>Description of valid ranges, for error messages.</summary>
    public const string Allowed = "min-max, two numbers from 0 to 100 in ascending order, for example 0-3";

    /// <summary>Highest number that a range can contain.</summary>
    public const int MaxPods = 100;

    /// <summary>
    /// Returns the effective maximum number of pods if the installation allows <paramref name="podLimit"/> pods per deployment.
    /// </summary>
    public int GetEffectiveMax(int podLimit) => this == default ? podLimit : Math.Min(Max, podLimit);

    /// <summary>Whether <paramref name="text"/> is a valid range; if so, <paramref name="range"/> is that range.</summary>
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
    public static PodsRange Parse(string s, IFormatProvider? provider) =>
        TryParse(s, out var range) ? range : throw new FormatException($"'{s}' must be {Allowed}.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out PodsRange result) => TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => $"{Min}-{Max}";

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= MaxPods;
}
