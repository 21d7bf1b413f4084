using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace DeployCard.Grains.Deployments;

/// <summary>
/// A deployment's unique name: a DNS label of 1 to 63 characters (RFC 1123: <c>a-z</c>, <c>0-9</c> and <c>-</c>, which neither begins
/// nor ends it). It stands in the URL and is the key of the deployment's grains.
/// </summary>
[GenerateSerializer, Alias("deployment-name"), Immutable]
public readonly partial record struct DeploymentName
{
    /// <summary>What a name may be, for messages to people.</summary>
    public const string Allowed = "1 to 63 characters a-z, 0-9 and '-', neither first nor last a '-'";

    private DeploymentName(string value) => Value = value;

    /// <summary>The name itself.</summary>
    [Id(0)]
    public string Value { get; }

    /// <summary>Whether <paramref name="text"/> is a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DeploymentName name)
    {
        name = text is not null && Label().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    /// <summary>The name that <paramref name="text"/> is.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static DeploymentName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is no deployment name: {Allowed}.");

    /// <inheritdoc/>
    public override string ToString() => Value;

    [GeneratedRegex("^(?!-)[a-z0-9-]{1,63}(?<!-)\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
