using System.Diagnostics;
using System.Text.RegularExpressions;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests;

/// <summary>
/// Runs the tour of the README against a real silo. The commands are pasted into a shell unchanged, and their output must match the README.
/// </summary>
public sealed partial class ReadmeTourTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_of_the_tour_print_what_the_README_shows()
    {
        using var folder = new TourFolder();
        var origin = $"http://localhost:{TestPorts.FindFree()}";
        using var silo = Start(folder, origin);
        try
        {
            folder.Remember("TOKEN", await ReadToken(silo));
            foreach (var step in Steps(await File.ReadAllTextAsync(Path.Combine(folder.Solution, "README.md"), Cancellation)))
                await Follow(step, folder, origin);
        }
        finally
        {
            await End(silo);
        }
    }

    private static async Task Follow(Step step, TourFolder folder, string origin)
    {
        var expected = Normalize(step.ExpectedOutput);
        // A line of a pod appears in the log after a short delay, so commands that only read are repeated.
        if (step.OnlyReads)
            await Eventually.Get(
                Run,
                actual => actual == expected,
                Cancellation,
                TimeSpan.FromSeconds(10),
                () => $"Expected output of {step.Command}: {expected}"
            );
        else
            (await Run()).ShouldBe(expected, step.Command);

        async Task<string> Run()
        {
            var output = await Paste(step.Command.Replace("http://localhost:8080", origin), folder);
            return Normalize(output.Replace(origin, "http://localhost:8080"));
        }
    }

    private static IEnumerable<Step> Steps(string readme)
    {
        var blocks = Block().Matches(readme).Select(m => (Language: m.Groups["language"].Value, Text: m.Groups["text"].Value)).ToList();
        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i].Language != "sh" || !blocks[i].Text.Contains("curl"))
                continue;
            var hasOutput =
                i + 1 < blocks.Count
                && blocks[i + 1].Language is "json" or ""
                && (blocks[i + 1].Text.StartsWith('{') || blocks[i + 1].Text.StartsWith("HTTP/"));
            yield return new(blocks[i].Text, hasOutput ? blocks[i + 1].Text : "");
        }
    }

    /// <summary>Replaces the values that differ between runs: ids, dates and durations.</summary>
    private static string Normalize(string text) => Varying().Replace(text.ReplaceLineEndings("\n"), "~").Trim();

    private static async Task<string> Paste(string command, TourFolder folder)
    {
        var script =
            $"[ -f '{folder.Variables}' ] && . '{folder.Variables}'\n{command}\n"
            + $"declare -p TOKEN KEY ID 2>/dev/null > '{folder.Variables}' || true\n";
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", script])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = shell.StandardError.ReadToEndAsync(Cancellation);
        var output = await shell.StandardOutput.ReadToEndAsync(Cancellation);
        await shell.WaitForExitAsync(Cancellation);
        (await errors).ShouldBe("", command);
        return output;
    }

    private static Process Start(TourFolder folder, string origin) =>
        Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [folder.Silo, "--urls", origin, "--Storage:Path", Path.Combine(folder.Path, "data", "deploycard.db")]
            )
            {
                WorkingDirectory = folder.Path,
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;

    private static async Task<string> ReadToken(Process silo)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        timeout.CancelAfter(WaitTimeout);
        while (await silo.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            if (line.StartsWith("export TOKEN=", StringComparison.Ordinal))
            {
                // Continue reading: a full pipe would block the silo.
                _ = silo.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return line["export TOKEN=".Length..];
            }
        }

        throw new InvalidOperationException("The silo printed no token.");
    }

    private static async Task End(Process silo)
    {
        using (Process.Start("kill", ["-INT", $"{silo.Id}"])) { }

        using var timeout = new CancellationTokenSource(WaitTimeout);
        await silo.WaitForExitAsync(timeout.Token);
        silo.ExitCode.ShouldBe(0);
    }

    [GeneratedRegex(
        "^```(?<language>[a-z]*)\n(?<text>.*?)^```$",
        RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Block();

    [GeneratedRegex(
        "(?<=Date: )[^\n]*|(?<=X-Request-Id: )[0-9a-f]+|(?<=Waited-Ms: )[0-9]+|(?<= in )[0-9.]+(?= ms)",
        RegexOptions.None,
        1000
    )]
    private static partial Regex Varying();

    private sealed record Step(string Command, string ExpectedOutput)
    {
        public bool OnlyReads => Command.Contains("\"query\":\"{");
    }

    private sealed class TourFolder : IDisposable
    {
        public TourFolder()
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar));
            var above = output;
            while (above is not null && !File.Exists(System.IO.Path.Combine(above.FullName, "Orleans.sln")))
                above = above.Parent;
            Solution = above!.FullName;
            Silo = System.IO.Path.Combine(Solution, "silo", "bin", output.Parent!.Name, output.Name, "DeployCard.Silo.dll");
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("deploycard-tour-").FullName;

        public string Solution { get; }

        public string Silo { get; }

        public string Variables => System.IO.Path.Combine(Path, "variables");

        public void Remember(string name, string value) => File.WriteAllText(Variables, $"{name}='{value}'\n");

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
