using System.Text.RegularExpressions;
using DeployCard.Common.Collections;
using DeployCard.Common.Text;

namespace DeployCard.Contracts.Configuration;

/// <summary>A range of pods in the format of <see cref="PodsRange"/>.</summary>
public sealed class PodsRangeRuleAttribute : FieldRuleAttribute
{
    /// <inheritdoc/>
    public override FieldKind Kind => FieldKind.PodsRange;

    /// <inheritdoc/>
    public override string Allowed => PodsRange.Allowed;

    /// <inheritdoc/>
    public override IEnumerable<FieldProblem> Check(object value) =>
        PodsRange.TryParse((string)value, out _) ? [] : [new(Allowed, $"'{DisplayText.Shorten((string)value)}'")];

    /// <inheritdoc/>
    public override object ToStored(object value) => PodsRange.Parse((string)value, null);
}

/// <summary>Web origins as browsers write them (RFC 6454, section 6.2): scheme, host and port, or <c>*</c>.</summary>
public sealed class OriginsRuleAttribute : FieldRuleAttribute
{
    private const int MaxCount = 50;
    private const int MaxLength = 300;

    /// <inheritdoc/>
    public override FieldKind Kind => FieldKind.TextList;

    /// <inheritdoc/>
    public override string Allowed => $"at most {MaxCount} origins";

    /// <inheritdoc/>
    public override IEnumerable<FieldProblem> Check(object value)
    {
        var origins = (IReadOnlyList<string>)value;
        if (origins.Count > MaxCount)
            yield return new(Allowed, $"{origins.Count}");
        foreach (var origin in origins.Where(origin => !IsOrigin(origin)).Take(10))
            yield return new("'*' or origins such as https://app.example.com", $"'{DisplayText.Shorten(origin)}'");
    }

    /// <inheritdoc/>
    public override object ToStored(object value) => (ValueList<string>)[.. (IReadOnlyList<string>)value];

    /// <inheritdoc/>
    public override string Describe(object? stored) =>
        stored is IReadOnlyList<string> { Count: > 0 } given ? $"{given.Count} origins" : "none";

    private static bool IsOrigin(string text) =>
        text == "*"
        || (
            text.Length <= MaxLength
            && Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url is { Scheme: "http" or "https", UserInfo: "" }
            && url.GetLeftPart(UriPartial.Authority) == text
        );
}

/// <summary>Environment variables with names that every shell accepts.</summary>
public sealed partial class EnvironmentRuleAttribute : FieldRuleAttribute
{
    private const int MaxCount = 200;
    private const int MaxValueLength = 32 * 1024;

    /// <inheritdoc/>
    public override FieldKind Kind => FieldKind.NameValueList;

    /// <inheritdoc/>
    public override string Allowed => $"at most {MaxCount} variables";

    /// <inheritdoc/>
    public override IEnumerable<FieldProblem> Check(object value)
    {
        var variables = (IReadOnlyList<EnvironmentVariable>)value;
        if (variables.Count > MaxCount)
            yield return new(Allowed, $"{variables.Count}");
        foreach (var (name, _) in variables.Where(variable => !VariableName().IsMatch(variable.Name)).Take(10))
            yield return new(
                "variables with names of 1 to 255 characters A-Z, a-z, 0-9 and '_', not starting with a digit",
                $"'{DisplayText.Shorten(name)}'"
            );
        foreach (var (name, _) in variables.Where(v => v.Value.Length > MaxValueLength || v.Value.Contains('\0')).Take(10))
            yield return new(
                $"variables with values of up to {MaxValueLength} characters without NUL",
                $"an invalid value for '{DisplayText.Shorten(name)}'"
            );
        foreach (var (name, _) in variables.Where(variable => variable.Name is "PORT" or "HOSTNAME" or "DEPLOYMENT").Take(10))
            yield return new("variables other than PORT, HOSTNAME and DEPLOYMENT, which DeployCard sets", $"'{name}'");
    }

    /// <inheritdoc/>
    // If a name is given twice, the last value applies, as in a shell.
    public override object ToStored(object value) =>
        (ValueList<EnvironmentVariable>)
            [
                .. ((IReadOnlyList<EnvironmentVariable>)value)
                    .GroupBy(variable => variable.Name, StringComparer.Ordinal)
                    .Select(group => group.Last())
                    .OrderBy(variable => variable.Name, StringComparer.Ordinal),
            ];

    /// <inheritdoc/>
    public override string Describe(object? stored) =>
        stored is IReadOnlyList<EnvironmentVariable> { Count: > 0 } given ? $"{given.Count} variables" : "none";

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,254}\\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VariableName();
}

/// <summary>
/// Labels in the syntax of Kubernetes, which sets them on pods
/// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set).
/// </summary>
public sealed partial class LabelsRuleAttribute : FieldRuleAttribute
{
    private const int MaxCount = 50;

    /// <inheritdoc/>
    public override FieldKind Kind => FieldKind.NameValueList;

    /// <inheritdoc/>
    public override string Allowed => $"at most {MaxCount} labels";

    /// <inheritdoc/>
    public override IEnumerable<FieldProblem> Check(object value)
    {
        var labels = (IReadOnlyList<Label>)value;
        if (labels.Count > MaxCount)
            yield return new(Allowed, $"{labels.Count}");
        foreach (var (key, _) in labels.Where(label => !Key().IsMatch(label.Key)).Take(10))
            yield return new(
                "labels with keys of 1 to 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit, "
                    + "with an optional DNS name and '/' before it",
                $"'{DisplayText.Shorten(key)}'"
            );
        foreach (var (key, text) in labels.Where(label => !Value().IsMatch(label.Value)).Take(10))
            yield return new(
                "labels with values of up to 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
                $"'{DisplayText.Shorten(text)}' for '{DisplayText.Shorten(key)}'"
            );
        foreach (var (key, _) in labels.Where(label => IsReserved(label.Key)).Take(10))
            yield return new(
                "labels without the prefixes kubernetes.io/, k8s.io/ and deploycard.io/, which are reserved",
                $"'{DisplayText.Shorten(key)}'"
            );
        foreach (
            var key in labels
                .GroupBy(label => label.Key, StringComparer.Ordinal)
                .Where(group => group.Count() > 1)
                .Select(g => g.Key)
                .Take(10)
        )
            yield return new("labels with different keys", $"'{DisplayText.Shorten(key)}' twice");
    }

    /// <inheritdoc/>
    public override object ToStored(object value) =>
        (ValueList<Label>)[.. ((IReadOnlyList<Label>)value).OrderBy(label => label.Key, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public override string Describe(object? stored) =>
        stored is IReadOnlyList<Label> { Count: > 0 } given ? $"{given.Count} labels" : "none";

    private static bool IsReserved(string key) =>
        key.Split('/') is [var prefix, _]
        && Array.Exists(
            ["kubernetes.io", "k8s.io", "deploycard.io"],
            reserved => prefix == reserved || prefix.EndsWith($".{reserved}", StringComparison.Ordinal)
        );

    [GeneratedRegex(
        "^(?=[^/]{0,253}/|[^/]*\\z)([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
            + "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Key();

    [GeneratedRegex(
        "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Value();
}
