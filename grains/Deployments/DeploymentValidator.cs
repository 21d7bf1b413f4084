using System.Text.RegularExpressions;
using DeployCard.Grains.Results;

namespace DeployCard.Grains.Deployments;

/// <summary>The bounds of what a person may ask of a deployment. Each check names the field, what is allowed and what was given.</summary>
public static partial class DeploymentValidator
{
    /// <summary>The longest title, in characters.</summary>
    public const int LongestTitle = 200;

    private const int MostVariables = 200;
    private const int LongestVariable = 32 * 1024;

    /// <summary>All that is wrong with a draft.</summary>
    public static IReadOnlyList<FieldError> Validate(DeploymentDraft draft) =>
        [.. Title(draft.Title), .. Image(draft.Image), .. Configuration(draft.Configuration)];

    /// <summary>All that is wrong with a change.</summary>
    public static IReadOnlyList<FieldError> Validate(DeploymentChange change) =>
        [.. Title(change.Title), .. change.Image is null ? [] : Image(change.Image), .. change.Configuration is null ? [] : Configuration(change.Configuration)];

    private static IEnumerable<FieldError> Title(string? title) =>
        title is { Length: > LongestTitle } ? [Invalid("title", $"up to {LongestTitle} characters", $"{title.Length} characters")] : [];

    private static IEnumerable<FieldError> Image(string image) =>
        image.Length is 0 or > 255 ? [Invalid("image", "1 to 255 characters", $"{image.Length} characters")] : [];

    private static IEnumerable<FieldError> Configuration(ConfigurationSpec spec)
    {
        if (spec.Pods is not null && !PodsRange.TryParse(spec.Pods, out _))
            yield return Invalid("configuration.pods", PodsRange.Allowed, $"'{Shorten(spec.Pods)}'");
        if (spec.Cpu is { } cpu && cpu != 0 && cpu is not (>= 0.01 and <= 1024))
            yield return Invalid("configuration.cpu", "0 for no bound, or 0.01 to 1024 cores", $"{cpu}");
        if (spec.MemoryBytes is { } memory && memory is not (0 or (>= 1L << 20 and <= 1L << 46)))
            yield return Invalid("configuration.memoryBytes", "0 for no bound, or 1 MiB to 64 TiB", $"{memory}");
        if (spec.Gpu is < 0 or > 64)
            yield return Invalid("configuration.gpu", "0 to 64", $"{spec.Gpu}");
        if (spec.Concurrency is < 0 or > 100_000)
            yield return Invalid("configuration.concurrency", "0 for no bound, or 1 to 100000", $"{spec.Concurrency}");
        if (spec.QueueLength is < 0 or > 100_000)
            yield return Invalid("configuration.queueLength", "0 to 100000", $"{spec.QueueLength}");
        foreach (var error in Times(spec).Concat(Environment(spec.Environment)))
            yield return error;
    }

    private static IEnumerable<FieldError> Times(ConfigurationSpec spec) =>
    [
        .. Between("startupTimeout", spec.StartupTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        .. Between("queueTimeout", spec.QueueTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        .. Between("requestTimeout", spec.RequestTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        .. Between("idleTimeout", spec.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        .. Between("stopGrace", spec.StopGrace, TimeSpan.Zero, TimeSpan.FromHours(1)),
    ];

    private static IEnumerable<FieldError> Between(string field, TimeSpan? given, TimeSpan least, TimeSpan most) =>
        given is { } time && (time < least || time > most)
            ? [Invalid($"configuration.{field}", $"{least.TotalSeconds} s to {most.TotalSeconds} s", $"{time.TotalSeconds} s")]
            : [];

    private static IEnumerable<FieldError> Environment(IReadOnlyDictionary<string, string>? environment)
    {
        if (environment is null)
            yield break;
        if (environment.Count > MostVariables)
            yield return Invalid("configuration.environment", $"at most {MostVariables} variables", $"{environment.Count}");
        foreach (var name in environment.Keys.Where(name => !VariableName().IsMatch(name)).Take(10))
            yield return Invalid("configuration.environment", "names of 1 to 255 characters A-Z, a-z, 0-9 and '_', the first no digit", $"'{Shorten(name)}'");
        foreach (var name in environment.Where(v => v.Value.Length > LongestVariable || v.Value.Contains('\0')).Select(v => v.Key).Take(10))
            yield return Invalid("configuration.environment", $"values of up to {LongestVariable} characters without NUL", $"another value for '{Shorten(name)}'");
        foreach (var name in environment.Keys.Where(name => name is "PORT" or "HOSTNAME" or "DEPLOYMENT"))
            yield return Invalid("configuration.environment", "any name but PORT, HOSTNAME and DEPLOYMENT, which DeployCard sets", $"'{name}'");
    }

    private static FieldError Invalid(string field, string allowed, string given) =>
        new(field, ErrorCodes.Invalid, $"{field} must be {allowed}; {given} was given.");

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,254}\\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VariableName();
}
