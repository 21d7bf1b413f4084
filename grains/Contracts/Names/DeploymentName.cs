using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace DeployCard.Contracts.Names;

/// <summary>
/// The unique name of a deployment: a DNS label of 1 to 63 characters (RFC 1123: <c>a-z</c>, <c>0-9</c> and <c>-</c>, not starting or
/// ending with <c>-</c>). The name is part of the URL and the key of the deployment's grains.
/// </summary>
[GenerateSerializer, Alias("deployment-name"), Immutable]
public readonly partial record struct DeploymentName
{
    /// <summary>Description of valid names, for error messages.</summary>
    public const string Allowed = "1 to 63 characters of a-z, 0-9 and '-', not starting or ending with '-'";

    private DeploymentName(string value) => Value = value;

    /// <summary>The name as text.</summary>
    [Id(0)]
    public string Value { get; }

    /// <summary>Whether <paramref name="text"/> is a valid name; if so, <paramref name="name"/> is that name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DeploymentName name)
    {
        name = text is not null && LabelPattern().IsMatch(text) ? new(text) : default;
        return name.Value is not null;
    }

    /// <summary>Parses the text of a name.</summary>
    /// <exception cref="FormatException"><paramref name="text"/> is not a valid name.</exception>
    public static DeploymentName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"Deployment name must be {Allowed}; got '{text}'.");

    /// <inheritdoc/>
    public override string ToString() => Value;

    [GeneratedRegex("^(?!-)[a-z0-9-]{1,63}(?<!-)\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelPattern();
}
