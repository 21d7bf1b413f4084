using System.Diagnostics;
using System.Text;
using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>A client in a process of its own that runs one scenario of a script against a server.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly CancellationTokenSource _deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Task<string> _errors;

    private NodeClient(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        _deadline.CancelAfter(Deadline);
    }

    public static async Task<NodeClient> StartAsync(string script, string scenario, Uri server) =>
        new(ClientPackages.Start("node", await ClientPackages.FolderAsync(), script, scenario, new Uri(server, "/graphql").ToString(), TestAuthenticator.Token));

    /// <summary>Runs a scenario that needs nothing of the test; what it asserts must be so.</summary>
    public static async Task RunAsync(string script, string scenario, Uri server)
    {
        await using var client = await StartAsync(script, scenario, server);
        await client.EndAsync();
    }

    /// <summary>Waits until the scenario tells this.</summary>
    public async Task ToldAsync(string what)
    {
        while (await _process.StandardOutput.ReadLineAsync(_deadline.Token) is { } line)
        {
            _output.AppendLine(line);
            if (line == "# " + what) return;
        }

        await EndAsync();
        throw new InvalidOperationException($"The client ended before it told '{what}':\n{_output}");
    }

    /// <summary>Lets the scenario go on.</summary>
    public async Task GoOnAsync()
    {
        await _process.StandardInput.WriteLineAsync("go on");
        await _process.StandardInput.FlushAsync(_deadline.Token);
    }

    /// <summary>Waits for its end, which must be a good one.</summary>
    public async Task EndAsync()
    {
        _output.Append(await _process.StandardOutput.ReadToEndAsync(_deadline.Token));
        await _process.WaitForExitAsync(_deadline.Token);
        var errors = await _errors;
        TestContext.Current.TestOutputHelper?.WriteLine(_output + errors);
        _process.ExitCode.ShouldBe(0, _output + errors);
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _deadline.Dispose();
        return default;
    }
}
