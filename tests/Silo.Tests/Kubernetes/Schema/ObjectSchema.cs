using DeployCard.Tests.Support;

namespace DeployCard.Silo.Tests.Kubernetes.Schema;

/// <summary>Published schemas of the API server (version 1.34), from an npm package.</summary>
internal static class ObjectSchema
{
    private static readonly Lazy<Task<string>> Ready = new(() => Task.Run(() => NodePackages.Install("Kubernetes/Schema")));

    /// <summary>Validates objects. Returns one line for each error, and the number of valid objects.</summary>
    public static async Task<string> Check(string yaml)
    {
        using var node = NodePackages.Start("node", await Ready.Value, "check.mjs");
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await node.StandardInput.WriteAsync(yaml);
        node.StandardInput.Close();
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        return node.ExitCode == 0 ? (await output).Trim() : throw new InvalidOperationException(await errors);
    }
}
