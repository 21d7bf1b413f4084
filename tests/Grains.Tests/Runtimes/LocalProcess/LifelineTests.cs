using System.Diagnostics;
using DeployCard.Grains.Runtimes.LocalProcess;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>Pods never outlive the server, however it ends.</summary>
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
    public async Task A_server_that_is_killed_takes_all_processes_of_its_pods_with_it()
    {
        var folder = Directory.CreateTempSubdirectory("deploycard-");
        using var server = StartServer(folder.FullName);
        int[] pods =
        [
            .. await Processes.Read(Path.Combine(folder.FullName, "one"), 4),
            .. await Processes.Read(Path.Combine(folder.FullName, "two"), 4),
        ];
        pods.ShouldAllBe(process => Processes.IsAlive(process));

        server.Kill();

        await Processes.Ended(pods);
        folder.Delete(recursive: true);
    }

    /// <summary>The server of the test above: a process of its own runs this alone and is killed in it.</summary>
    [Fact(Explicit = true)]
    public async Task A_server_waits_to_be_killed()
    {
        var folder = Environment.GetEnvironmentVariable(Folder);
        Assert.SkipWhen(folder is null, "Another test starts this one.");
        await using var host = new LocalProcessHost()
            .Script("one", Stubborn.Replace(">>pids", $">>{folder}/one"))
            .Script("two", Stubborn.Replace(">>pids", $">>{folder}/two"));
        await host.Start(LocalProcessHost.Pod("one", "iris-1-one"));
        await host.Start(LocalProcessHost.Pod("two", "iris-1-two"));
        await Task.Delay(LocalProcessHost.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_pod_leads_a_session_of_its_own_that_no_terminal_reaches()
    {
        await using var host = new LocalProcessHost().Script("slow", "echo $$ >pids; cut -d' ' -f6 /proc/$$/stat >>pids; exec sleep 1000");
        await host.Start(LocalProcessHost.Pod("slow"));

        var (process, session) = await Processes.Read(host.PathOf("slow", "pids"), 2) is [var first, var second]
            ? (first, second)
            : default;

        session.ShouldBe(process);
    }

    [Fact]
    public async Task Where_setsid_is_missing_perl_makes_the_session()
    {
        var perl = new[] { "/usr/bin", "/bin", "/usr/local/bin" }.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "perl")));
        Assert.SkipWhen(perl is null, "There is no perl here.");
        var path = Directory.CreateTempSubdirectory("deploycard-");
        File.CreateSymbolicLink(Path.Combine(path.FullName, "perl"), Path.Combine(perl, "perl"));
        string[] command = [.. PodSupervisor.PrefixWith(path.FullName), "/bin/sh", "-c", "echo $$; cut -d' ' -f6 /proc/$$/stat; exit 5"];

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
    public void Where_neither_is_there_the_message_says_what_to_install() =>
        Should.Throw<PlatformNotSupportedException>(() => PodSupervisor.PrefixWith("/nowhere")).Message.ShouldContain("util-linux");

    private static Process StartServer(string folder)
    {
        var isHosted = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        string[] arguments = ["-explicit", "only", "-method", $"{typeof(LifelineTests).FullName}.{nameof(A_server_waits_to_be_killed)}"];
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            isHosted ? [typeof(LifelineTests).Assembly.Location, .. arguments] : arguments
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment[Folder] = folder;

        // It cannot tidy up after itself.
        start.Environment["TMPDIR"] = folder;
        var server = Process.Start(start)!;
        server.BeginOutputReadLine();
        return server;
    }
}
