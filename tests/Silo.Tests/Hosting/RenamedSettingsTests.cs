using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace DeployCard.Silo.Tests.Hosting;

public sealed class RenamedSettingsTests
{
    [Fact]
    public void Old_names_are_rejected_together_and_each_with_its_current_name() =>
        Should
            .Throw<StartupException>(() => Refuse("Deployments:PodsCap", "asynccalls:atonce", "Gateway:MaxHeaderCount"))
            .Message.ShouldBe(
                "settings were renamed: asynccalls:atonce is now AsyncCalls:MaxConcurrency; "
                    + "Deployments:PodsCap is now Deployments:MaxPodsPerDeployment"
            );

    [Fact]
    public void Element_of_a_renamed_list_is_rejected() =>
        Should
            .Throw<StartupException>(() => Refuse("Kubernetes:PullSecrets:0"))
            .Message.ShouldContain("Kubernetes:PullSecrets:0 is now Kubernetes:ImagePullSecrets:0");

    [Fact]
    public void File_of_a_renamed_setting_is_rejected() =>
        Should.Throw<StartupException>(() => Refuse("Storage:MostReads_FILE")).Message.ShouldContain("Storage:MaxConcurrentReads_FILE");

    [Fact]
    public void Current_names_are_accepted()
    {
        foreach (var name in RenamedSettings.CurrentNames.Values)
            Refuse(name);
    }

    private static void Refuse(params string[] names) =>
        RenamedSettings.ThrowIfUsed(
            new ConfigurationBuilder().AddInMemoryCollection(names.Select(name => KeyValuePair.Create(name, (string?)"1"))).Build()
        );
}
