using System.Diagnostics;
using DeployCard.LocalProcess.Processes;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>Tests that pods never outlive the silo, even if it is killed.</summary>
public sealed class LifelineTests
{
    private const string Folder = "DEPLOYCARD_TEST_LIFELINE";

    private const string Stubborn = """
        trap '' TERM
        sleep 1000 &
        echo $! >>pids
        (trap '' TERM; sleep 1000 & echo $! >>pids; wait) &
        echo $! >>pids
        echo $$ >>pids
        while :; do sleep 1; done
        """;

    [Fact]
    public async Task Killed_silo_leaves_no_processes_of_its_pods()
    {
        var folder = Directory.CreateTempSubdirectory("deploycard-");
        using var silo = StartSilo(folder.FullName);
        int[] pods =
        [
            .. await Processes.ReadIds(Path.Combine(folder.FullName, "one"), 4),
            .. await Processes.ReadIds(Path.Combine(folder.FullName, "two"), 4),
        ];
        pods.ShouldAllBe(process => Processes.IsAlive(process));

        silo.Kill();

        await Processes.WaitForEnd(pods);
        folder.Delete(recursive: true);
    }

    /// <summary>Plays the silo of the test above: a separate process runs only this method and is killed meanwhile.</summary>
    [Fact(Explicit = true)]
    public async Task Silo_waits_to_be_killed()
    {
        var folder = Environment.GetEnvironmentVariable(Folder);
        Assert.SkipWhen(folder is null, "Only another test starts this one.");
        await using var host = new LocalProcessHost()
            .Script("one", Stubborn.Replace(">>pids", $">>{folder}/one"))
            .Script("two", Stubborn.Replace(">>pids", $">>{folder}/two"));
        await host.Start(LocalProcessHost.Pod("one", "iris-1-one"));
        await host.Start(LocalProcessHost.Pod("two", "iris-1-two"));
        await Task.Delay(LocalProcessHost.WaitTimeout, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Pod_leads_its_own_session()
    {
        await using var host = new LocalProcessHost().Script("slow", "echo $$ >pids; cut -d' ' -f6 /proc/$$/stat >>pids; exec sleep 1000");
        await host.Start(LocalProcessHost.Pod("slow"));

        var (process, session) = await Processes.ReadIds(host.PathOf("slow", "pids"), 2) is [var first, var second]
            ? (first, second)
            : default;

        session.ShouldBe(process);
    }

    [Fact]
    public async Task Perl_creates_the_session_if_setsid_is_missing()
    {
        var perl = new[] { "/usr/bin", "/bin", "/usr/local/bin" }.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "perl")));
        Assert.SkipWhen(perl is null, "perl is not installed.");
        var path = Directory.CreateTempSubdirectory("deploycard-");
        File.CreateSymbolicLink(Path.Combine(path.FullName, "perl"), Path.Combine(perl, "perl"));
        string[] command = [.. PodSupervisor.CreatePrefix(path.FullName), "/bin/sh", "-c", "echo $$; cut -d' ' -f6 /proc/$$/stat; exit 5"];

        using var process = Process.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        process.ExitCode.ShouldBe(5);
        output.ShouldBe($"{process.Id}\n{process.Id}\n");
        path.Delete(recursive: true);
    }

    [Fact]
    public void Message_names_the_package_to_install_if_setsid_and_perl_are_missing() =>
        Should.Throw<PlatformNotSupportedException>(() => PodSupervisor.CreatePrefix("/nowhere")).Message.ShouldContain("util-linux");

    private static Process StartSilo(string folder)
    {
        var isHosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        string[] arguments = ["-explicit", "only", "-method", $"{typeof(LifelineTests).FullName}.{nameof(Silo_waits_to_be_killed)}"];
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            isHosted ? [typeof(LifelineTests).Assembly.Location, .. arguments] : arguments
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment[Folder] = folder;

        // The killed process cannot delete its temporary files.
        start.Environment["TMPDIR"] = folder;
        var silo = Process.Start(start)!;
        silo.BeginOutputReadLine();
        return silo;
    }
}
