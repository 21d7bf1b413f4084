using System.Diagnostics;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>
/// A network namespace with nothing but a loopback interface, in which a silo has an address of its own and what some users' processes send to
/// an address can be dropped. Only root can make one.
/// </summary>
internal sealed class Network : IAsyncDisposable
{
    private const string Dropped = "100";
    private const string Swallowed = "101";

    private readonly Process holder;

    private Network(Process holder) => this.holder = holder;

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? Missing =>
        Environment.UserName != "root" ? "Only root can make a network namespace."
        : new[] { "unshare", "nsenter", "setpriv", "ip" }.Where(tool => !IsThere(tool)).ToList() is { Count: > 0 } missing
            ? $"Not installed: {string.Join(", ", missing)}."
        : null;

    public static async Task<Network> Create(CancellationToken cancellationToken)
    {
        // It ends with us: its input does.
        var start = new ProcessStartInfo("unshare", ["--net", "--", "cat"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var network = new Network(Process.Start(start)!);
        await Eventually.Get(
            () => Task.FromResult(Namespace("self") != Namespace($"{network.holder.Id}")),
            isOwn => isOwn,
            cancellationToken
        );
        await network.Ip(cancellationToken, "link", "set", "lo", "up");
        // Our rules come before the one for local addresses, which is the first otherwise.
        await network.Ip(cancellationToken, "rule", "add", "pref", "10", "lookup", "local");
        await network.Ip(cancellationToken, "rule", "del", "pref", "0");
        await network.Ip(cancellationToken, "route", "add", "blackhole", "default", "table", Dropped);
        // A cable to nobody: its other end has no address.
        await network.Ip(cancellationToken, "link", "add", "cable", "arp", "off", "type", "veth", "peer", "name", "end");
        await network.Ip(cancellationToken, "link", "set", "end", "up");
        await network.Ip(cancellationToken, "link", "set", "cable", "up");
        await network.Ip(cancellationToken, "route", "add", "default", "dev", "cable", "table", Swallowed);
        // What comes from a loopback address may leave by it, too.
        await network.Run(cancellationToken, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/cable/route_localnet");
        return network;
    }

    /// <summary>The command that becomes another one in this network, as this user, who lets the others write to what is his.</summary>
    public IReadOnlyList<string> Launcher(int user) =>
        [
            "sh",
            "-c",
            "umask 0; exec \"$@\"",
            "sh",
            "nsenter",
            $"--net=/proc/{holder.Id}/ns/net",
            "setpriv",
            "--reuid",
            $"{user}",
            "--regid",
            $"{user}",
            "--clear-groups",
            "--",
        ];

    /// <summary>Drops what this user's processes send to an address from now on, and tells them that there is no way.</summary>
    public Task Drop(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, Rule("add", user, address, Dropped));

    /// <summary>Lets it pass again.</summary>
    public Task Pass(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, Rule("del", user, address, Dropped));

    /// <summary>Drops it from now on as on a cable whose other end has lost power: nobody is told.</summary>
    public Task Swallow(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, Rule("add", user, address, Swallowed));

    /// <summary>Lets it pass again.</summary>
    public Task Restore(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, Rule("del", user, address, Swallowed));

    public async ValueTask DisposeAsync()
    {
        holder.StandardInput.Close();
        await holder.WaitForExitAsync(CancellationToken.None);
        holder.Dispose();
    }

    private static string? Namespace(string process) => new FileInfo($"/proc/{process}/ns/net").LinkTarget;

    private static bool IsThere(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));

    private static string[] Rule(string verb, int user, string address, string table) =>
        ["rule", verb, "pref", "5", "uidrange", $"{user}-{user}", "to", address, "table", table];

    private Task Ip(CancellationToken cancellationToken, params string[] arguments) => Run(cancellationToken, ["ip", .. arguments]);

    private async Task Run(CancellationToken cancellationToken, params string[] command)
    {
        using var process = Process.Start(
            new ProcessStartInfo("nsenter", [$"--net=/proc/{holder.Id}/ns/net", .. command])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            }
        )!;
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        process.ExitCode.ShouldBe(0, $"{string.Join(' ', command)}: {error}");
    }
}
