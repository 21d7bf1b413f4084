using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DeployCard.Tests.Support.Kubernetes;
using k8s;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>
/// What the overlays render to is in the repository, so that a change of them shows what it changes. All other tests read that. To renew it:
/// <c>UPDATE_MANIFESTS=1</c> in the environment of this class.
/// </summary>
public sealed partial class RenderedTests
{
    private static readonly Version Needed = new(5, 0);

    [Theory, InlineData("small"), InlineData("production")]
    public async Task What_is_committed_is_what_kubectl_renders(string overlay)
    {
        Assert.SkipUnless(
            await KustomizeVersion() is { } version && version >= Needed,
            $"There is no kubectl with Kustomize {Needed} or later (kubectl 1.27) on the PATH."
        );
        var rendered = await Kubectl("kustomize", Path.Combine(Manifests.Folder, "overlays", overlay));
        if (Environment.GetEnvironmentVariable("UPDATE_MANIFESTS") == "1")
            await File.WriteAllTextAsync(Manifests.FileOf(overlay), rendered, TestContext.Current.CancellationToken);

        // Not by the letter: versions of kubectl break lines differently.
        Objects(Manifests.Of(overlay))
            .ShouldBe(Objects(Manifests.Parse(rendered)), "run the tests of this class once with UPDATE_MANIFESTS=1");
    }

    private static List<string> Objects(Manifests manifests) =>
        [
            .. manifests
                .Objects.Select(one => JsonNode.Parse(KubernetesJson.Serialize(one))!.ToJsonString(JsonSerializerOptions.Web))
                .Order(StringComparer.Ordinal),
        ];

    private static async Task<Version?> KustomizeVersion()
    {
        try
        {
            return Kustomize().Match(await Kubectl("version", "--client")) is { Success: true } match
                ? Version.Parse(match.Groups["version"].Value)
                : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static async Task<string> Kubectl(params string[] arguments)
    {
        using var kubectl = Process.Start(
            new ProcessStartInfo("kubectl", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        var (output, errors) = (kubectl.StandardOutput.ReadToEndAsync(), kubectl.StandardError.ReadToEndAsync());
        await kubectl.WaitForExitAsync(TestContext.Current.CancellationToken);
        return kubectl.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {await errors}");
    }

    [GeneratedRegex(@"Kustomize Version: v(?<version>\d+\.\d+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Kustomize();
}
