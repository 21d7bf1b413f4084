using System.Text.RegularExpressions;
using DeployCard.Contracts.Pods;

namespace DeployCard.LocalProcess.Processes;

/// <summary>
/// Builds the environment of a pod. Pods inherit only a few variables of the silo, whose environment may contain secrets.
/// </summary>
internal static partial class PodEnvironment
{
    public const string AllowedName = "letters, digits and '_', not starting with a digit, at most 256 characters";

    private static readonly string[] Inherited =
    [
        "PATH",
        "HOME",
        "USER",
        "LANG",
        "TZ",
        "TMPDIR",
        "DOTNET_ROOT",
        "DOTNET_CLI_TELEMETRY_OPTOUT",
    ];

    private static readonly string[] Reserved = ["PORT", "HOSTNAME", "DEPLOYMENT"];

    /// <summary>Whether <paramref name="name"/> is a valid name of an environment variable: <see cref="AllowedName"/>.</summary>
    public static bool IsValidName(string name) => Name().IsMatch(name);

    public static bool IsReserved(string name) => Reserved.Contains(name, StringComparer.Ordinal);

    /// <summary>
    /// Returns the environment of an image's programs: the inherited variables of the silo, overridden by the image's own.
    /// </summary>
    public static Dictionary<string, string> CreateForImage(
        IReadOnlyDictionary<string, string> siloEnvironment,
        IEnumerable<string> alsoInherited,
        IReadOnlyDictionary<string, string> imageEnvironment
    )
    {
        var inherited = Inherited.Concat(alsoInherited).ToHashSet(StringComparer.Ordinal);
        var environment = siloEnvironment
            .Where(variable => inherited.Contains(variable.Key) || variable.Key.StartsWith("LC_", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);

        // Without this variable Python buffers its output up to 8 KiB, and a live log shows nothing.
        environment["PYTHONUNBUFFERED"] = "1";
        return environment.SetAll(imageEnvironment);
    }

    /// <summary>Adds the variables of one pod: those of its deployment, and those that the runtime sets.</summary>
    public static Dictionary<string, string> AddPodVariables(this Dictionary<string, string> environment, PodSpec pod, int port)
    {
        environment.SetAll(pod.Environment);
        environment["PORT"] = $"{port}";
        environment["HOSTNAME"] = pod.Name.Value;
        environment["DEPLOYMENT"] = pod.Deployment.Value;
        return environment;
    }

    /// <exception cref="ArgumentException">A name is invalid, or a value contains a NUL character.</exception>
    public static void Validate(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var (name, value) in environment)
        {
            if (!IsValidName(name))
                throw new ArgumentException(
                    $"'{name}' is not a valid name of an environment variable: {AllowedName}.",
                    nameof(environment)
                );

            if (value.Contains('\0'))
                throw new ArgumentException(
                    $"The value of the environment variable '{name}' contains a NUL character.",
                    nameof(environment)
                );
        }
    }

    private static Dictionary<string, string> SetAll(
        this Dictionary<string, string> environment,
        IReadOnlyDictionary<string, string> variables
    )
    {
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        return environment;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,255}$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
