using System.Collections;
using System.Diagnostics;

namespace DeployCard.LocalProcess.Processes;

/// <summary>A program to start: its arguments, its working directory and its complete environment.</summary>
internal sealed record PodCommand(IReadOnlyList<string> Arguments, string Folder, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Environment variables of the silo process.</summary>
    public static IReadOnlyDictionary<string, string> SiloEnvironment { get; } =
        System
            .Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

    /// <summary>Creates the start information, with the supervisor in front of the command.</summary>
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
