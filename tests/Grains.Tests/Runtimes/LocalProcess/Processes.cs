using System.Globalization;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>Helpers that observe processes of the machine.</summary>
internal static class Processes
{
    /// <summary>Waits until the file has <paramref name="count"/> lines, each a process id, and returns these ids.</summary>
    public static async Task<int[]> ReadIds(string file, int count)
    {
        var lines = Array.Empty<string>();
        await WaitUntil(
            () => (lines = File.Exists(file) ? File.ReadAllText(file).Split('\n')[..^1] : []).Length >= count,
            $"{count} lines in {file}"
        );
        return [.. lines.Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>Waits until all processes have ended. A zombie process counts as ended.</summary>
    public static Task WaitForEnd(params int[] processes) =>
        WaitUntil(() => !processes.Any(IsAlive), $"the end of {string.Join(", ", processes)}");

    public static bool IsAlive(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static Task WaitUntil(Func<bool> happened, string what) =>
        Eventually.True(happened, what, TestContext.Current.CancellationToken, LocalProcessHost.WaitTimeout);
}
