using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.EndToEnd.Tests.Kubernetes;

/// <summary>
/// Starts silos with the environment of the pods of an overlay and a double of the API server. In place of a cluster there are loopback
/// addresses, a folder instead of volumes, and a real PostgreSQL.
/// </summary>
internal sealed class Overlay(Manifests manifests, ApiServerDouble server) : IDisposable
{
    private readonly Dictionary<string, string> fields = [];

    /// <summary>Folder in place of the root of the silo's file system, with the content of the volumes.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("deploycard-overlay-").FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Runs the command of an init container, with its mount paths replaced by paths below <see cref="Root"/>.</summary>
    public async Task RunInitContainer(string container, CancellationToken cancellationToken)
    {
        var definition = manifests.Silos.Container(container);
        foreach (var mount in definition.VolumeMounts)
            Directory.CreateDirectory(Root + mount.MountPath);
        var script = definition.VolumeMounts.Aggregate(
            definition.Args.Single(),
            (text, mount) => text.Replace(mount.MountPath, Root + mount.MountPath, StringComparison.Ordinal)
        );
        using var shell = Process.Start(
            new ProcessStartInfo(definition.Command[0], [.. definition.Command.Skip(1), script])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            }
        )!;
        var errors = await shell.StandardError.ReadToEndAsync(cancellationToken);
        await shell.WaitForExitAsync(cancellationToken);
        shell.ExitCode.ShouldBe(0, errors);
    }

    /// <summary>Writes a file of a volume, such as <c>/run/secrets/deploycard/cluster-secret</c>.</summary>
    public async Task Write(string path, string text, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
        await File.WriteAllTextAsync(Root + path, text, cancellationToken);
    }

    /// <summary>Starts a silo and waits until it is ready.</summary>
    /// <param name="pod">The name of the silo's pod.</param>
    /// <param name="cancellationToken">Token that cancels the wait.</param>
    /// <param name="overrides">Environment variables that override those of the manifest.</param>
    public Task<SiloProcess> Start(string pod, CancellationToken cancellationToken, params (string Name, string Value)[] overrides) =>
        Start(pod, [], cancellationToken, overrides);

    /// <summary>Starts a silo with command-line arguments and waits until it is ready.</summary>
    public Task<SiloProcess> Start(
        string pod,
        string[] arguments,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] overrides
    )
    {
        server.Pods.InsertRaw(
            new()
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = pod,
                    ["labels"] = new JsonObject([
                        .. manifests.Silos.Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)),
                    ]),
                },
            }
        );
        (fields["metadata.name"], fields["metadata.namespace"], fields["status.podIP"]) = (pod, "deploycard", "127.0.0.1");
        var environment = new Dictionary<string, string>(manifests.GetEnvironment(manifests.Silos.Container("silo"), Field))
        {
            ["Kubernetes__KubeConfig"] = server.KubeConfig,
            ["Cluster__SiloPort"] = TestPorts.FindFree().ToString(CultureInfo.InvariantCulture),
            ["Gateway__Http2Url"] = $"http://127.0.0.1:{TestPorts.FindFree()}",
        };
        foreach (var (name, value) in environment.Where(variable => variable.Key.EndsWith("_FILE", StringComparison.Ordinal)))
            environment[name] = Root + value;
        foreach (var (name, value) in overrides)
            environment[name] = value;
        return SiloProcess.Start(
            ["env", .. environment.Select(variable => $"{variable.Key}={variable.Value}")],
            cancellationToken,
            arguments
        );
    }

    private string Field(string path) =>
        path.StartsWith("metadata.labels['", StringComparison.Ordinal) ? manifests.Silos.Labels[path.Split('\'')[1]] : fields[path];
}
