using System.Text.RegularExpressions;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>What a pod finds in its environment. Little of ours: the server's own may hold secrets.</summary>
internal static partial class PodEnvironment
{
    public const string AllowedName = "letters, digits and '_', not a digit first, at most 256 characters";

    private static readonly string[] Ours = ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "DOTNET_ROOT", "DOTNET_CLI_TELEMETRY_OPTOUT"];

    private static readonly string[] Reserved = ["PORT", "HOSTNAME", "DEPLOYMENT"];

    /// <summary>Whether a person may set it: <see cref="AllowedName"/>, and not one that the runtime sets.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    public static bool IsReserved(string name) => Reserved.Contains(name, StringComparer.Ordinal);

    /// <summary>What a program of an image gets: ours, as far as it is meant for it, then the image's.</summary>
    public static Dictionary<string, string> For(
        IReadOnlyDictionary<string, string> server,
        IEnumerable<string> alsoPassed,
        IReadOnlyDictionary<string, string> image
    )
    {
        var passed = Ours.Concat(alsoPassed).ToHashSet(StringComparer.Ordinal);
        var environment = server
            .Where(variable => passed.Contains(variable.Key) || variable.Key.StartsWith("LC_", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);

        // Without it Python keeps its output back until 8 KiB are together, and a live log shows nothing.
        environment["PYTHONUNBUFFERED"] = "1";
        return environment.With(image);
    }

    /// <summary>Adds what belongs to one pod.</summary>
    public static Dictionary<string, string> With(this Dictionary<string, string> environment, PodSpec pod, int port)
    {
        environment.With(pod.Environment);
        environment["PORT"] = $"{port}";
        environment["HOSTNAME"] = pod.Name.Value;
        environment["DEPLOYMENT"] = pod.Deployment.Value;
        return environment;
    }

    /// <exception cref="ArgumentException">A variable that no process can have.</exception>
    public static void Validate(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var (name, value) in environment)
        {
            if (!IsName(name))
                throw new ArgumentException($"'{name}' is no name of an environment variable: {AllowedName}.", nameof(environment));

            if (value.Contains('\0'))
                throw new ArgumentException($"The value of the environment variable '{name}' has a NUL character.", nameof(environment));
        }
    }

    private static Dictionary<string, string> With(this Dictionary<string, string> environment, IReadOnlyDictionary<string, string> more)
    {
        foreach (var (name, value) in more)
        {
            environment[name] = value;
        }

        return environment;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,255}$(?<!\n)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
