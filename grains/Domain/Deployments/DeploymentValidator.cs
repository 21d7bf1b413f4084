using System.Text.RegularExpressions;
using DeployCard.Common.Text;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Results;

namespace DeployCard.Domain.Deployments;

/// <summary>Checks the values that users set on a deployment. Each error names the field, the allowed values and the given value.</summary>
public static partial class DeploymentValidator
{
    /// <summary>Maximum length of a title in characters.</summary>
    public const int MaxTitleLength = 200;

    private const int MaxVariables = 200;
    private const int MaxOrigins = 50;
    private const int MaxValueLength = 32 * 1024;

    /// <summary>Returns all errors of a draft.</summary>
    public static IReadOnlyList<FieldError> Validate(DeploymentDraft draft) =>
        [.. Title(draft.Title), .. Image(draft.Image), .. Configuration(draft.Configuration)];

    /// <summary>Returns all errors of a change.</summary>
    public static IReadOnlyList<FieldError> Validate(DeploymentChange change) =>
        [
            .. Title(change.Title),
            .. change.Image is null ? [] : Image(change.Image),
            .. change.Configuration is null ? [] : Configuration(change.Configuration),
        ];

    private static IEnumerable<FieldError> Title(string? title) =>
        title is { Length: > MaxTitleLength } ? [Invalid("title", $"up to {MaxTitleLength} characters", $"{title.Length} characters")] : [];

    private static IEnumerable<FieldError> Image(string image) =>
        image.Length is 0 or > 255 ? [Invalid("image", "1 to 255 characters", $"{image.Length} characters")] : [];

    private static IEnumerable<FieldError> Configuration(ConfigurationSpec spec)
    {
        if (spec.Pods is not null && !PodsRange.TryParse(spec.Pods, out _))
            yield return Invalid("configuration.pods", PodsRange.Allowed, $"'{DisplayText.Shorten(spec.Pods)}'");
        if (spec.Cpu is { } cpu && cpu != 0 && cpu is not (>= 0.01 and <= 1024))
            yield return Invalid("configuration.cpu", "0 (unlimited) or 0.01 to 1024 cores", $"{cpu}");
        if (spec.MemoryBytes is { } memory && memory is not (0 or (>= 1L << 20 and <= 1L << 46)))
            yield return Invalid("configuration.memoryBytes", "0 (unlimited) or 1 MiB to 64 TiB", $"{memory}");
        if (spec.Gpu is < 0 or > 64)
            yield return Invalid("configuration.gpu", "0 to 64", $"{spec.Gpu}");
        if (spec.Concurrency is < 0 or > 100_000)
            yield return Invalid("configuration.concurrency", "0 (unlimited) or 1 to 100000", $"{spec.Concurrency}");
        if (spec.QueueLength is < 0 or > 100_000)
            yield return Invalid("configuration.queueLength", "0 to 100000", $"{spec.QueueLength}");
        if (spec.TargetConcurrency is { } target && target != 0 && target is not (>= 0.1 and <= 100_000))
            yield return Invalid("configuration.targetConcurrency", "0 (use the concurrency) or 0.1 to 100000", $"{target}");
        if (spec.RequestsPerSecond is { } rate && rate != 0 && rate is not (>= 0.01 and <= 1_000_000))
            yield return Invalid("configuration.requestsPerSecond", "0 (unlimited) or 0.01 to 1000000", $"{rate}");
        if (spec.RequestBurst is < 0 or > 1_000_000)
            yield return Invalid("configuration.requestBurst", "0 (one second's worth) or 1 to 1000000", $"{spec.RequestBurst}");
        if (spec.MaxRequestBytes is < 0 or > 1L << 40)
            yield return Invalid("configuration.maxRequestBytes", "0 (unlimited) or 1 byte to 1 TiB", $"{spec.MaxRequestBytes}");
        if (spec.AsyncQueueLength is < 0 or > 10_000_000)
            yield return Invalid("configuration.asyncQueueLength", "0 to 10000000", $"{spec.AsyncQueueLength}");
        if (spec.AsyncQueueBytes is < 0 or > 1L << 44)
            yield return Invalid("configuration.asyncQueueBytes", "0 to 16 TiB", $"{spec.AsyncQueueBytes}");
        foreach (var error in Times(spec).Concat(Environment(spec.Environment)).Concat(Origins(spec.CorsOrigins)))
            yield return error;
    }

    private static IEnumerable<FieldError> Times(ConfigurationSpec spec) =>
        [
            .. Between("startupTimeout", spec.StartupTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            .. Between("queueTimeout", spec.QueueTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            .. spec.RequestTimeout == TimeSpan.Zero
                ? []
                : Between("requestTimeout", spec.RequestTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), "0 (unlimited) or "),
            .. Between("firstByteTimeout", spec.FirstByteTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            .. Between("streamIdleTimeout", spec.StreamIdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            .. Between("drainTimeout", spec.DrainTimeout, TimeSpan.Zero, TimeSpan.FromDays(7)),
            .. Between("scaleDownDelay", spec.ScaleDownDelay, TimeSpan.Zero, TimeSpan.FromHours(1)),
            .. Between("idleTimeout", spec.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            .. Between("terminationGracePeriod", spec.TerminationGracePeriod, TimeSpan.Zero, TimeSpan.FromHours(1)),
        ];

    private static IEnumerable<FieldError> Between(string field, TimeSpan? given, TimeSpan least, TimeSpan most, string or = "") =>
        given is { } time && (time < least || time > most)
            ? [Invalid($"configuration.{field}", $"{or}{least.TotalSeconds} s to {most.TotalSeconds} s", $"{time.TotalSeconds} s")]
            : [];

    private static IEnumerable<FieldError> Origins(IReadOnlyList<string>? origins)
    {
        if (origins is { Count: > MaxOrigins })
            yield return Invalid("configuration.corsOrigins", $"at most {MaxOrigins} origins", $"{origins.Count}");
        foreach (var origin in (origins ?? []).Where(origin => !IsOrigin(origin)).Take(10))
            yield return Invalid(
                "configuration.corsOrigins",
                "'*' or origins such as https://app.example.com",
                $"'{DisplayText.Shorten(origin)}'"
            );
    }

    /// <summary>
    /// Whether the text is an origin as browsers write it (RFC 6454, section 6.2): scheme, host and port, without a default port and
    /// without a path.
    /// </summary>
    private static bool IsOrigin(string text) =>
        text == "*"
        || (
            text.Length <= 300
            && Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url is { Scheme: "http" or "https", UserInfo: "" }
            && url.GetLeftPart(UriPartial.Authority) == text
        );

    private static IEnumerable<FieldError> Environment(IReadOnlyDictionary<string, string>? environment)
    {
        if (environment is null)
            yield break;
        if (environment.Count > MaxVariables)
            yield return Invalid("configuration.environment", $"at most {MaxVariables} variables", $"{environment.Count}");
        foreach (var name in environment.Keys.Where(name => !VariableName().IsMatch(name)).Take(10))
            yield return Invalid(
                "configuration.environment",
                "variables with names of 1 to 255 characters A-Z, a-z, 0-9 and '_', not starting with a digit",
                $"'{DisplayText.Shorten(name)}'"
            );
        foreach (var name in environment.Where(v => v.Value.Length > MaxValueLength || v.Value.Contains('\0')).Select(v => v.Key).Take(10))
            yield return Invalid(
                "configuration.environment",
                $"variables with values of up to {MaxValueLength} characters without NUL",
                $"an invalid value for '{DisplayText.Shorten(name)}'"
            );
        foreach (var name in environment.Keys.Where(name => name is "PORT" or "HOSTNAME" or "DEPLOYMENT"))
            yield return Invalid(
                "configuration.environment",
                "variables other than PORT, HOSTNAME and DEPLOYMENT, which DeployCard sets",
                $"'{name}'"
            );
    }

    private static FieldError Invalid(string field, string allowed, string given) =>
        new(field, ErrorCodes.InvalidInput, $"{field} must be {allowed}; got {given}.");

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,254}\\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VariableName();
}
