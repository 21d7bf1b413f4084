using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Images;

/// <summary>Reads an <c>image.json</c> and says everything that is wrong with it at once.</summary>
internal static partial class ImageManifestParser
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        AllowDuplicateProperties = false,
        MaxDepth = 8,
    };

    /// <summary>The manifest, or null and what is wrong.</summary>
    public static (ImageManifest? Manifest, IReadOnlyList<string> Errors) Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, ["it must be a JSON object as in {\"command\": [\"python3\", \"serve.py\"]}"]);

            var errors = new List<string>();
            var manifest = Read(new ManifestFields(document.RootElement, "", errors));
            return errors.Count == 0 ? (manifest, errors) : (null, errors);
        }
        catch (JsonException e)
        {
            return (null, [$"it is no JSON: {e.Message}"]);
        }
    }

    private static ImageManifest Read(ManifestFields fields)
    {
        var manifest = new ImageManifest(
            fields.Text("description", 200, SingleLine(), "one line") ?? "",
            fields.Command("command") ?? fields.Missing<IReadOnlyList<string>>("command", "a list as in [\"python3\", \"serve.py\"]", []),
            fields.Text("readinessPath", 1000, UrlPath(), "a path as in /healthz") ?? "/",
            fields.Text("protocol", 5, Protocol(), "http1 or h2c") is "h2c" ? PodProtocol.H2c : PodProtocol.Http1,
            fields.Command("check"),
            fields.Text("unavailableHint", 500, SingleLine(), "one line"),
            fields.Text("readme", 255, FileName(), "the name of a file in the image's folder"),
            fields.Object("defaults", Defaults) ?? ImageDefaults.None,
            fields.Objects("examples", 20, Example)
        );
        fields.RefuseUnknown();
        return manifest;
    }

    private static ImageDefaults Defaults(ManifestFields fields)
    {
        var pods = fields.Text("pods", 9, PodsRange(), "a range as in 0-3");
        if (pods is not null && !IsAscending(pods))
            fields.Wrong("pods", "a range as in 0-3, the smaller number first", pods);

        var seconds = fields.Whole("startupTimeoutSeconds", 1, 3600);
        return new(
            pods,
            fields.Whole("concurrency", 0, 10_000),
            seconds is null ? null : TimeSpan.FromSeconds(seconds.Value),
            fields.TextMap("environment", 100, 32 * 1024, EnvironmentProblem) ?? ImageDefaults.None.Environment
        );
    }

    private static ExampleRequest Example(ManifestFields fields) =>
        new(
            fields.Text("name", 100, SingleLine(), "one line") ?? fields.Missing("name", "one line", ""),
            fields.Text("method", 16, Method(), "an HTTP method as in POST") ?? "GET",
            fields.Text("path", 2000, UrlPath(), "a path as in /v1/models") ?? fields.Missing("path", "a path as in /v1/models", ""),
            fields.TextMap("headers", 32, 4000, HeaderProblem) ?? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase),
            fields.Text("body", 128 * 1024)
        );

    private static string? EnvironmentProblem(string name, string value) =>
        !PodEnvironment.IsName(name) ? PodEnvironment.AllowedName
        : PodEnvironment.IsReserved(name) ? "a name that the runtime does not set itself"
        : value.Contains('\0') ? "a value without NUL"
        : null;

    private static string? HeaderProblem(string name, string value) =>
        !HeaderName().IsMatch(name) ? "the name of an HTTP header"
        : value.Any(char.IsControl) ? "a value without control characters"
        : null;

    private static bool IsAscending(string range)
    {
        var numbers = range.Split('-');
        return int.Parse(numbers[0], CultureInfo.InvariantCulture) <= int.Parse(numbers[1], CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^\P{Cc}*$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SingleLine();

    [GeneratedRegex(@"^/[!-~]*$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UrlPath();

    [GeneratedRegex(@"^(?!\.)[^/\\\p{Cc}]+$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileName();

    [GeneratedRegex(@"^[0-9]{1,4}-[0-9]{1,4}$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PodsRange();

    [GeneratedRegex(@"^(http1|h2c)$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Protocol();

    [GeneratedRegex(@"^[A-Z]+$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Method();

    [GeneratedRegex(@"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HeaderName();
}
