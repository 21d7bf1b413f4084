using System.CommandLine;
using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Common;

/// <summary>Helpers shared by the command lines of the benchmarks.</summary>
internal static class CommandLineOptions
{
    /// <summary>Creates an option whose value is an integer of at least 1.</summary>
    public static Option<int> CreateNumber(string name, string description, int defaultValue)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() < 1)
                given.AddError($"{name} must be at least 1; got {given.GetValueOrDefault<int>()}.");
        });
        return option;
    }

    /// <summary>Splits a comma-separated list and drops empty entries; null gives an empty array.</summary>
    public static string[] SplitNames(string? given) =>
        (given ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Returns the reason why a benchmark with a load generator cannot run; null if it can.</summary>
    public static string? FindMissingPrerequisite(string project)
    {
        if (!BuildOutput.IsRelease)
            return $"Benchmarks need the release build: dotnet run -c Release --project {project}";
        return Tool.Find("wrk") is null ? "wrk is not installed (on Debian: apt-get install wrk)" : null;
    }
}
