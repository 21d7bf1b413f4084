using System.Text.Json;
using System.Text.RegularExpressions;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Processes;

namespace DeployCard.LocalProcess.Images;

/// <summary>Parses an <c>image.json</c> and collects all its errors.</summary>
internal static partial class ImageManifestParser
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        AllowDuplicateProperties = false,
        MaxDepth = 8,
    };

    private const string EnvironmentField = "environment";
    private const int MaxVariables = 200;

    /// <summary>Returns the manifest and no errors, or null and at least one error.</summary>
    public static (ImageManifest? Manifest, IReadOnlyList<string> Errors) Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, ["it must be a JSON object such as {\"command\": [\"python3\", \"serve.py\"]}"]);

            var errors = new List<string>();
            var manifest = Read(new ManifestReader(document.RootElement, "", errors));
            return errors.Count == 0 ? (manifest, errors) : (null, errors);
        }
        catch (JsonException e)
        {
            return (null, [$"it is not valid JSON: {e.Message}"]);
        }
    }

    private static ImageManifest Read(ManifestReader fields)
    {
        var manifest = new ImageManifest(
            fields.ReadText("description", 200, SingleLine(), "one line") ?? "",
            fields.ReadCommand("command")
                ?? fields.ReportMissing<IReadOnlyList<string>>("command", "a list such as [\"python3\", \"serve.py\"]", []),
            fields.ReadText("readinessPath", 1000, UrlPath(), "a path such as /healthz") ?? "/",
            fields.ReadText("protocol", 5, Protocol(), "http1 or h2c") is "h2c" ? PodProtocol.H2c : PodProtocol.Http1,
            fields.ReadCommand("check"),
            fields.ReadText("unavailableHint", 500, SingleLine(), "one line"),
            fields.ReadText("readme", 255, FileName(), "the name of a file in the image's folder"),
            fields.ReadObject("defaults", Defaults) ?? ImageDefaults.None,
            fields.ReadObjects("examples", 20, Example)
        );
        fields.ReportUnknown();
        return manifest;
    }

    private static ImageDefaults Defaults(ManifestReader fields) =>
        new(
            DefaultsReader.Read(fields),
            fields.ReadTextMap(EnvironmentField, MaxVariables, 32 * 1024, EnvironmentProblem) ?? ImageDefaults.None.Environment
        );

    private static ExampleRequest Example(ManifestReader fields) =>
        new(
            fields.ReadText("name", 100, SingleLine(), "one line") ?? fields.ReportMissing("name", "one line", ""),
            fields.ReadText("method", 16, Method(), "an HTTP method such as POST") ?? "GET",
            fields.ReadText("path", 2000, UrlPath(), "a path such as /v1/models")
                ?? fields.ReportMissing("path", "a path such as /v1/models", ""),
            fields.ReadTextMap("headers", 32, 4000, HeaderProblem) ?? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase),
            fields.ReadText("body", 128 * 1024)
        );

    private static string? EnvironmentProblem(string name, string value) =>
        !PodEnvironment.IsValidName(name) ? PodEnvironment.AllowedName
        : PodEnvironment.IsReserved(name) ? "a name other than those that the runtime sets"
        : value.Contains('\0') ? "a value without NUL"
        : null;

    private static string? HeaderProblem(string name, string value) =>
        !HeaderName().IsMatch(name) ? "the name of an HTTP header"
        : value.Any(char.IsControl) ? "a value without control characters"
        : null;

    [GeneratedRegex(@"^\P{Cc}*$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SingleLine();

    [GeneratedRegex(@"^/[!-~]*$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UrlPath();

    [GeneratedRegex(@"^(?!\.)[^/\\\p{Cc}]+$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileName();

    [GeneratedRegex(@"^(http1|h2c)$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Protocol();

    [GeneratedRegex(@"^[A-Z]+$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Method();

    [GeneratedRegex(@"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HeaderName();
}
