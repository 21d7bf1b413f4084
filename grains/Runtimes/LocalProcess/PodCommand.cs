using System.Collections;
using System.Diagnostics;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>What is started: a program with its arguments, where, and with which environment (and nothing beside it).</summary>
internal sealed record PodCommand(IReadOnlyList<string> Arguments, string Folder, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>This process's own environment.</summary>
    public static IReadOnlyDictionary<string, string> ServerEnvironment { get; } =
        System
            .Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

    /// <summary>How the operating system is told.</summary>
    public ProcessStartInfo ToStartInfo()
    {
        string[] all = [.. PodSupervisor.Prefix, .. Arguments];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            UseShellExecute = false,
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
