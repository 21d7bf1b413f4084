using DeployCard.Contracts.Runtimes;
using DeployCard.LocalProcess.Processes;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class EnvironmentTests
{
    private static readonly Dictionary<string, string> SiloVariables = new()
    {
        ["PATH"] = "/bin",
        ["LC_ALL"] = "C.UTF-8",
        ["PYTHONPATH"] = "/ours",
        ["ConnectionStrings__Orleans"] = "Password=hunter2",
        ["CUDA_VISIBLE_DEVICES"] = "0",
    };

    // Variables that a shell adds.
    private static readonly string[] ShellVariables = ["PWD", "OLDPWD", "SHLVL", "_"];

    [Fact]
    public async Task Pod_gets_its_own_variables_and_only_the_inherited_variables_of_the_silo()
    {
        await using var host = new LocalProcessHost(clock: new FakeTimeProvider()).Script("shows", "env; exit 1");
        var pod = await host.Start(LocalProcessHost.Pod("shows", environment: own => own["MODEL"] = "setosa = 1"));
        await host.UntilFailed(pod);
        await host.Stop(pod);

        var environment = (await host.Log(pod)).Where(line => line.Stream == LogStream.Stdout).Select(line => line.Text).ToList();

        environment.ShouldContain("MODEL=setosa = 1");
        environment.ShouldContain(line => line.StartsWith("PORT="));
        environment.ShouldContain("HOSTNAME=iris-1-aaaaa");
        environment.ShouldContain("DEPLOYMENT=iris");
        environment.ShouldContain("PYTHONUNBUFFERED=1");
        string[] own = ["MODEL", "PORT", "HOSTNAME", "DEPLOYMENT", .. ShellVariables];
        environment
            .Select(line => line.Split('=')[0])
            .Except(own)
            .ShouldBeSubsetOf(PodEnvironment.CreateForImage(PodCommand.SiloEnvironment, [], new Dictionary<string, string>()).Keys);
    }

    [Fact]
    public void Pods_inherit_only_a_few_variables_of_the_silo_and_those_in_the_settings() =>
        PodEnvironment
            .CreateForImage(SiloVariables, ["CUDA_VISIBLE_DEVICES"], new Dictionary<string, string> { ["MODEL"] = "iris" })
            .Keys.ShouldBe(["PATH", "LC_ALL", "CUDA_VISIBLE_DEVICES", "PYTHONUNBUFFERED", "MODEL"], ignoreOrder: true);

    [Fact]
    public void Variables_of_a_pod_override_those_of_its_image_and_the_runtime_overrides_both()
    {
        var pod = LocalProcessHost.Pod(
            "web",
            environment: own => (own["MODEL"], own["PORT"], own["PYTHONUNBUFFERED"]) = ("mine", "1", "0")
        );

        var environment = PodEnvironment
            .CreateForImage(SiloVariables, [], new Dictionary<string, string> { ["MODEL"] = "iris" })
            .AddPodVariables(pod, 41234);

        environment["MODEL"].ShouldBe("mine");
        environment["PORT"].ShouldBe("41234");
        environment["PYTHONUNBUFFERED"].ShouldBe("0");
    }
}
