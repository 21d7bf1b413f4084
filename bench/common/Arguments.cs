using System.CommandLine;
using DeployCard.Bench.Common.Processes;

namespace DeployCard.Bench.Common;

/// <summary>What the command lines of the benchmarks have in common.</summary>
internal static class Arguments
{
    /// <summary>A number of at least 1.</summary>
    public static Option<int> Number(string name, string description, int usual)
    {
        var number = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        number.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() < 1)
                given.AddError($"{name} must be at least 1.");
        });
        return number;
    }

    /// <summary>Names with commas between.</summary>
    public static string[] Names(string? given) =>
        (given ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Why nothing can be measured that needs a load generator; null where it can.</summary>
    public static string? Missing(string project)
    {
        if (!Built.IsRelease)
            return $"Only the release build is worth measuring: dotnet run -c Release --project {project}";
        return Tool.Find("wrk") is null ? "wrk is not installed. On Debian: apt-get install wrk" : null;
    }
}
