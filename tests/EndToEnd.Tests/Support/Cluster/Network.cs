using System.Diagnostics;

namespace DeployCard.EndToEnd.Tests.Support.Cluster;

/// <summary>
/// A network namespace with nothing but a loopback interface, in which a silo has an address of its own and what some users' processes send to
/// an address can be dropped. Only root can make one.
/// </summary>
internal sealed class Network : IAsyncDisposable
{
    private const string Dropped = "100";

    private readonly Process holder;

    private Network(Process holder) => this.holder = holder;

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? Missing =>
        Environment.UserName != "root" ? "Only root can make a network namespace."
        : new[] { "unshare", "nsenter", "setpriv", "ip" }.Where(tool => !IsThere(tool)).ToList() is { Count: > 0 } missing ? $"Not installed: {string.Join(", ", missing)}."
        : null;

    public static async Task<Network> Create(CancellationToken cancellationToken)
    {
        // It ends with us: its input does.
        var start = new ProcessStartInfo("unshare", ["--net", "--", "cat"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        var network = new Network(Process.Start(start)!);
        await Eventually.Get(() => Task.FromResult(Namespace("self") != Namespace($"{network.holder.Id}")), isOwn => isOwn, cancellationToken);
        await network.Ip(cancellationToken, "link", "set", "lo", "up");
        // Our rules come before the one for local addresses, which is the first otherwise.
        await network.Ip(cancellationToken, "rule", "add", "pref", "10", "lookup", "local");
        await network.Ip(cancellationToken, "rule", "del", "pref", "0");
        await network.Ip(cancellationToken, "route", "add", "blackhole", "default", "table", Dropped);
        return network;
    }

    /// <summary>The command that becomes another one in this network, as this user, who lets the others write to what is his.</summary>
    public IReadOnlyList<string> Launcher(int user) =>
        ["sh", "-c", "umask 0; exec \"$@\"", "sh", "nsenter", $"--net=/proc/{holder.Id}/ns/net", "setpriv", "--reuid", $"{user}", "--regid", $"{user}", "--clear-groups", "--"];

    /// <summary>Drops what this user's processes send to an address from now on.</summary>
    public Task Drop(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, "rule", "add", "pref", "5", "uidrange", $"{user}-{user}", "to", address, "table", Dropped);

    /// <summary>Lets it pass again.</summary>
    public Task Pass(int user, string address, CancellationToken cancellationToken) =>
        Ip(cancellationToken, "rule", "del", "pref", "5", "uidrange", $"{user}-{user}", "to", address, "table", Dropped);

    public async ValueTask DisposeAsync()
    {
        holder.StandardInput.Close();
        await holder.WaitForExitAsync(CancellationToken.None);
        holder.Dispose();
    }

    private static string? Namespace(string process) => new FileInfo($"/proc/{process}/ns/net").LinkTarget;

    private static bool IsThere(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));

    private async Task Ip(CancellationToken cancellationToken, params string[] arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("nsenter", [$"--net=/proc/{holder.Id}/ns/net", "ip", .. arguments]) { UseShellExecute = false, RedirectStandardError = true })!;
        var error = await ip.StandardError.ReadToEndAsync(cancellationToken);
        await ip.WaitForExitAsync(cancellationToken);
        ip.ExitCode.ShouldBe(0, $"ip {string.Join(' ', arguments)}: {error}");
    }
}
