using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DeployCard.Tests.Support.Kubernetes;
using k8s;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>
/// The committed renderings of the overlays, which show the effect of a change and which all other tests read. To regenerate the
/// renderings, run this class with <c>UPDATE_MANIFESTS=1</c>.
/// </summary>
public sealed partial class RenderedTests
{
    private static readonly Version MinVersion = new(5, 0);

    [Theory, InlineData("small"), InlineData("production")]
    public async Task Committed_rendering_equals_that_of_kubectl(string overlay)
    {
        Assert.SkipUnless(
            await KustomizeVersion() is { } version && version >= MinVersion,
            $"There is no kubectl with Kustomize {MinVersion} or later (kubectl 1.27) on the PATH."
        );
        var rendered = await Kubectl("kustomize", Path.Combine(Manifests.Folder, "overlays", overlay));
        if (Environment.GetEnvironmentVariable("UPDATE_MANIFESTS") == "1")
            await File.WriteAllTextAsync(Manifests.GetRenderedPath(overlay), rendered, TestContext.Current.CancellationToken);

        // Objects are compared instead of text, because versions of kubectl break lines differently.
        Objects(Manifests.Load(overlay))
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
