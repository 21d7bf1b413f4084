using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using DeployCard.EndToEnd.Tests.Support;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.EndToEnd.Tests.Kubernetes;

/// <summary>
/// Starts silos as the pods of an overlay do: with the environment of the manifest, beside a double of the API server. What the cluster gives is given
/// here: addresses on the loopback, files in a folder instead of volumes, and a real PostgreSQL.
/// </summary>
internal sealed class Overlay(Manifests manifests, ApiServerDouble server) : IDisposable
{
    private readonly Dictionary<string, string> fields = [];

    /// <summary>Stands for the root of the silo's file system, where volumes are mounted.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("deploycard-overlay-").FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Runs what a container of the manifest runs before the silo starts, with this folder's paths for its own.</summary>
    public async Task RunFirst(string container, CancellationToken cancellationToken)
    {
        var first = manifests.Silos.Container(container);
        foreach (var mount in first.VolumeMounts)
            Directory.CreateDirectory(Root + mount.MountPath);
        var script = first.VolumeMounts.Aggregate(
            first.Args.Single(),
            (text, mount) => text.Replace(mount.MountPath, Root + mount.MountPath, StringComparison.Ordinal)
        );
        using var shell = Process.Start(
            new ProcessStartInfo(first.Command[0], [.. first.Command.Skip(1), script])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            }
        )!;
        var errors = await shell.StandardError.ReadToEndAsync(cancellationToken);
        await shell.WaitForExitAsync(cancellationToken);
        shell.ExitCode.ShouldBe(0, errors);
    }

    /// <summary>Writes a file of a volume, as in <c>/run/secrets/deploycard/cluster-secret</c>.</summary>
    public async Task Write(string path, string text, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
        await File.WriteAllTextAsync(Root + path, text, cancellationToken);
    }

    /// <summary>Starts one, and waits until it is ready.</summary>
    /// <param name="pod">The name of its pod.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="instead">Variables that are others here.</param>
    public Task<SiloProcess> Start(string pod, CancellationToken cancellationToken, params (string Name, string Value)[] instead) =>
        Start(pod, [], cancellationToken, instead);

    /// <summary>Starts one with these arguments.</summary>
    public Task<SiloProcess> Start(
        string pod,
        string[] arguments,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] instead
    )
    {
        server.Pods.Plant(
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
        var environment = new Dictionary<string, string>(manifests.Environment(manifests.Silos.Container("silo"), Field))
        {
            ["Kubernetes__KubeConfig"] = server.KubeConfig,
            ["Cluster__SiloPort"] = TestPorts.Free().ToString(CultureInfo.InvariantCulture),
            ["Gateway__Http2Url"] = $"http://127.0.0.1:{TestPorts.Free()}",
        };
        foreach (var (name, value) in environment.Where(variable => variable.Key.EndsWith("_FILE", StringComparison.Ordinal)))
            environment[name] = Root + value;
        foreach (var (name, value) in instead)
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
