using DeployCard.Silo.Tests.Kubernetes.Schema;
using DeployCard.Tests.Support.Kubernetes;
using YamlDotNet.Core;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Validation of the manifests by the published schemas of the API server and by strictly parsed types.</summary>
public sealed class SchemaTests
{
    private const string Valid = """
        apiVersion: v1
        kind: Service
        metadata: {name: valid}
        spec: {ports: [{name: http, port: 80}]}
        """;

    [Theory, InlineData("small"), InlineData("production")]
    public async Task Every_object_matches_its_schema(string overlay)
    {
        var manifests = Manifests.Load(overlay);

        manifests.Objects.Count.ShouldBeGreaterThan(15);
        (await ObjectSchema.Check(manifests.Text)).ShouldBe($"{manifests.Objects.Count} objects are valid");
    }

    [Fact]
    public async Task Value_that_violates_the_schema_is_reported()
    {
        (await ObjectSchema.Check(Valid)).ShouldBe("1 objects are valid");
        (await ObjectSchema.Check(Valid.Replace("port: 80", "port: http"))).ShouldContain("Service valid: ");
        (await ObjectSchema.Check(Valid.Replace("port: 80", "nodePort: 80"))).ShouldContain("port");
    }

    [Fact]
    public void Unknown_field_is_rejected()
    {
        Manifests.Parse(Valid).Objects.Count.ShouldBe(1);
        Should.Throw<YamlException>(() => Manifests.Parse(Valid.Replace("port: 80", "port: 80, ports: 80")));
    }
}
