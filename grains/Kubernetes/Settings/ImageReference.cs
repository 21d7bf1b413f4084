using System.Text.RegularExpressions;

namespace DeployCard.Kubernetes.Settings;

/// <summary>Syntax of container image references.</summary>
internal static partial class ImageReference
{
    public const string AllowedSyntax =
        "the reference of a container image such as registry.example.org/models/iris:1 or iris@sha256:…, at most 255 characters";

    public static bool IsValid(string text) => text.Length <= 255 && Reference().IsMatch(text);

    // The grammar of the distribution project: [host[:port]/]path[:tag][@digest], the path in lower case.
    [GeneratedRegex(
        @"^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]{1,5})?/)?"
            + @"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
            + @"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Reference();
}
