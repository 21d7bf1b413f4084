using System.Diagnostics;
using DeployCard.Tests.Support;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>
/// A network namespace with only a loopback interface, in which each silo has its own address. Packets that the processes of a user send to
/// an address can be dropped. Creating a namespace requires root.
/// </summary>
internal sealed class Network : IAsyncDisposable
{
    private const string RejectTable = "100";
    private const string SilentDropTable = "101";

    private readonly Process holder;

    private Network(Process holder) => this.holder = holder;

    /// <summary>Reason why no namespace can be created on this machine; null if one can be created.</summary>
    public static string? UnavailableReason =>
        Environment.UserName != "root" ? "Creating a network namespace requires root."
        : new[] { "unshare", "nsenter", "setpriv", "ip" }.Where(tool => !IsInstalled(tool)).ToList() is { Count: > 0 } missing
            ? $"Not installed: {string.Join(", ", missing)}."
        : null;

    public static async Task<Network> Create(CancellationToken cancellationToken)
    {
        // The process exits when this process does, because its standard input is then closed.
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
        // By default the rule for local addresses comes first. That rule is moved so that the rules of the tests come before it.
        await network.Ip(cancellationToken, "rule", "add", "pref", "10", "lookup", "local");
        await network.Ip(cancellationToken, "rule", "del", "pref", "0");
        await network.Ip(cancellationToken, "route", "add", "blackhole", "default", "table", RejectTable);
        // A virtual cable whose other end has no address, so packets sent over it are lost.
        await network.Ip(cancellationToken, "link", "add", "cable", "arp", "off", "type", "veth", "peer", "name", "end");
        await network.Ip(cancellationToken, "link", "set", "end", "up");
        await network.Ip(cancellationToken, "link", "set", "cable", "up");
        await network.Ip(cancellationToken, "route", "add", "default", "dev", "cable", "table", SilentDropTable);
        // Allows packets with a loopback source address to leave through the cable.
        await network.Run(cancellationToken, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/cable/route_localnet");
        return network;
    }

    /// <summary>
    /// Returns a launcher command that executes another command in this namespace as the given user, with a umask that lets other users
    /// write to the created files.
    /// </summary>
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

    /// <summary>Starts to reject packets that this user's processes send to an address: the sender gets an error.</summary>
    public Task Reject(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, Rule("add", user, address, RejectTable));

    /// <summary>Stops rejecting packets after <see cref="Reject"/>.</summary>
    public Task StopRejecting(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, Rule("del", user, address, RejectTable));

    /// <summary>Starts to drop packets silently, as on a cable whose other end has lost power: the sender gets no error.</summary>
    public Task DropSilently(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, Rule("add", user, address, SilentDropTable));

    /// <summary>Stops dropping packets after <see cref="DropSilently"/>.</summary>
    public Task StopDropping(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, Rule("del", user, address, SilentDropTable));

    public async ValueTask DisposeAsync()
    {
        holder.StandardInput.Close();
        await holder.WaitForExitAsync(CancellationToken.None);
        holder.Dispose();
    }

    private static string? Namespace(string process) => new FileInfo($"/proc/{process}/ns/net").LinkTarget;

    private static bool IsInstalled(string tool) =>
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
