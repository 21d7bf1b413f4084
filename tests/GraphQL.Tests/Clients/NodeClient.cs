using System.Diagnostics;
using System.Text;
using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>A client in a process of its own that runs one scenario of a script against a server.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(
        TestContext.Current.CancellationToken
    );
    private readonly Task<string> errors;

    private NodeClient(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        deadline.CancelAfter(Deadline);
    }

    public static async Task<NodeClient> Start(string script, string scenario, Uri server) =>
        new(
            ClientPackages.Start(
                "node",
                await ClientPackages.Folder(),
                script,
                scenario,
                new Uri(server, "/graphql").ToString(),
                TestAuthenticator.Token
            )
        );

    /// <summary>Runs a scenario that needs nothing of the test; what it asserts must be so.</summary>
    public static async Task Run(string script, string scenario, Uri server)
    {
        await using var client = await Start(script, scenario, server);
        await client.End();
    }

    /// <summary>Waits until the scenario tells this.</summary>
    public async Task Told(string what)
    {
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            output.AppendLine(line);
            if (line == "# " + what)
                return;
        }

        await End();
        throw new InvalidOperationException($"The client ended before it told '{what}':\n{output}");
    }

    /// <summary>Lets the scenario go on.</summary>
    public async Task GoOn()
    {
        await process.StandardInput.WriteLineAsync("go on");
        await process.StandardInput.FlushAsync(deadline.Token);
    }

    /// <summary>Waits for its end, which must be a good one.</summary>
    public async Task End()
    {
        output.Append(await process.StandardOutput.ReadToEndAsync(deadline.Token));
        await process.WaitForExitAsync(deadline.Token);
        var errors = await this.errors;
        TestContext.Current.TestOutputHelper?.WriteLine(output + errors);
        process.ExitCode.ShouldBe(0, output + errors);
    }

    public ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
        deadline.Dispose();
        return default;
    }
}
