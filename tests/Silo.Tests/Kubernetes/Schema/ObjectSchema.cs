using DeployCard.Tests.Support;

namespace DeployCard.Silo.Tests.Kubernetes.Schema;

/// <summary>The schemas that the API server publishes of its objects (version 1.34), as a package of npm has them.</summary>
internal static class ObjectSchema
{
    private static readonly Lazy<Task<string>> Ready = new(() => Task.Run(() => NodePackages.Install("Kubernetes/Schema")));

    /// <summary>Checks objects. Returns what was said: a line for each mistake, and how many objects have none.</summary>
    public static async Task<string> Check(string yaml)
    {
        using var node = NodePackages.Start("node", await Ready.Value, "check.mjs");
        var (said, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.StandardInput.WriteAsync(yaml);
        node.StandardInput.Close();
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        return node.ExitCode == 0 ? (await said).Trim() : throw new InvalidOperationException(await errors);
    }
}
