using System.Diagnostics;
using System.Text;
using DeployCard.GraphQL.Tests.Support;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>A client in a separate process that runs one scenario of a script against a server.</summary>
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
                await ClientPackages.GetFolder(),
                script,
                scenario,
                new Uri(server, "/graphql").ToString(),
                TestAuthenticator.Token
            )
        );

    /// <summary>Runs a scenario that needs no interaction with the test and fails if one of its assertions fails.</summary>
    public static async Task Run(string script, string scenario, Uri server)
    {
        await using var client = await Start(script, scenario, server);
        await client.WaitForExit();
    }

    /// <summary>Waits until the scenario reports <paramref name="what"/>.</summary>
    public async Task WaitForReport(string what)
    {
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            output.AppendLine(line);
            if (line == "# " + what)
                return;
        }

        await WaitForExit();
        throw new InvalidOperationException($"The client exited before it reported '{what}':\n{output}");
    }

    /// <summary>Lets the scenario continue after a report.</summary>
    public async Task Continue()
    {
        await process.StandardInput.WriteLineAsync("continue");
        await process.StandardInput.FlushAsync(deadline.Token);
    }

    /// <summary>Waits for the process to exit and asserts that its exit code is 0.</summary>
    public async Task WaitForExit()
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
