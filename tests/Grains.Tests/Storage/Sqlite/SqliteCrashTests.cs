using System.Diagnostics;
using System.Globalization;
using DeployCard.Contracts.Storage;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Storage.Sqlite;

/// <summary>
/// Checks that acknowledged writes survive a crash of the process. The crashing process is this executable, which runs one of its
/// tests.
/// </summary>
public sealed class SqliteCrashTests : IAsyncDisposable
{
    private const string FileVariable = "DEPLOYCARD_TEST_DATABASE";
    private const int Writers = 32;
    private readonly TestSqliteDatabase database = new();
    private Process? child;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Acknowledged => $"{database.Options.Path}.acknowledged";

    public async ValueTask DisposeAsync()
    {
        child?.Kill();
        child?.Dispose();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Every_acknowledged_write_survives_a_kill()
    {
        var writer = StartChild();
        await Lines(2000, writer);

        // Kill sends SIGKILL, so the process cannot run any cleanup code.
        writer.Kill();
        await writer.WaitForExitAsync(Token);

        var written = (await database.Sql.Query("SELECT x FROM One", [], row => row.GetInt64(0), Token)).ToHashSet();
        Numbers().ShouldBeSubsetOf(written);
        (await database.Sql.Query("SELECT x FROM Other", [], row => row.GetInt64(0), Token)).ShouldBe(written, ignoreOrder: true);
    }

    [Fact]
    public async Task Failed_commits_are_reported_to_their_callers_and_later_writes_succeed()
    {
        var writer = StartChild();
        await Lines(100, writer);

        // Files may not grow beyond 64 KiB, but the next commits would make the write-ahead log larger.
        await LimitFiles(writer, "65536:unlimited");
        await Until(() => File.Exists($"{Acknowledged}.refused"), writer, "a write was refused");
        await LimitFiles(writer, "unlimited");
        var before = Numbers().Length;
        await Lines(before + 200, writer);
        writer.Kill();
        await writer.WaitForExitAsync(Token);

        var written = (await database.Sql.Query("SELECT x FROM One", [], row => row.GetInt64(0), Token)).ToHashSet();
        Numbers().ShouldBeSubsetOf(written);
    }

    /// <summary>
    /// Runs in the child process: writes until the process is killed and records the acknowledged writes. Ends after a minute if the parent
    /// has died.
    /// </summary>
    [Fact(Explicit = true, Timeout = 60_000)]
    public async Task Child_writes_until_it_is_killed()
    {
        var token = TestContext.Current.CancellationToken;
        database.Options.Path = Environment.GetEnvironmentVariable(FileVariable)!;
        await database.Sql.Execute("CREATE TABLE One (x, data)", [], Token);
        await database.Sql.Execute("CREATE TABLE Other (x)", [], Token);
        await using var acknowledged = new StreamWriter(Acknowledged) { AutoFlush = true };
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(Write));

        async Task Write(int first)
        {
            for (var x = first; ; x += Writers)
            {
                try
                {
                    await database.Sql.Execute(
                        "INSERT INTO One VALUES (@x, @data); INSERT INTO Other VALUES (@x)",
                        new() { ["x"] = x, ["data"] = new byte[1000] },
                        token
                    );
                }
                catch (StorageException e)
                {
                    await File.WriteAllTextAsync($"{Acknowledged}.refused", e.Message, Token);
                    continue;
                }
                lock (acknowledged)
                    acknowledged.WriteLine(x);
            }
        }
    }

    private Process StartChild()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Signals and file size limits are only supported on Linux.");
        Directory.CreateDirectory(Path.GetDirectoryName(database.Options.Path)!);
        var start = new ProcessStartInfo(
            "/bin/bash",
            [
                "-c",
                "trap '' XFSZ; exec \"$0\" -explicit only -method \"$1\"",
                Environment.ProcessPath!,
                $"{typeof(SqliteCrashTests).FullName}.{nameof(Child_writes_until_it_is_killed)}",
            ]
        )
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        // With this feature the runtime itself would need files that grow.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment[FileVariable] = database.Options.Path;
        return child = Process.Start(start)!;
    }

    private static async Task LimitFiles(Process child, string limit)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", child.Id.ToString(CultureInfo.InvariantCulture), $"--fsize={limit}"]);
        await prlimit.WaitForExitAsync(Token);
        prlimit.ExitCode.ShouldBe(0);
    }

    private Task Lines(int count, Process child) =>
        Until(() => File.Exists(Acknowledged) && Numbers().Length >= count, child, $"{count} writes are acknowledged");

    // The last line may be incomplete.
    private long[] Numbers()
    {
        using var reader = new StreamReader(new FileStream(Acknowledged, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
    }

    private static Task Until(Func<bool> condition, Process child, string what) =>
        Eventually.True(
            () =>
            {
                if (condition())
                    return true;
                child.HasExited.ShouldBeFalse("The child process exited unexpectedly.");
                return false;
            },
            what,
            Token
        );
}
