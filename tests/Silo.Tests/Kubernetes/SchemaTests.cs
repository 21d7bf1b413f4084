using DeployCard.Silo.Tests.Kubernetes.Schema;
using DeployCard.Tests.Support.Kubernetes;
using YamlDotNet.Core;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Every object is one that the API server takes: by its published schemas, and by types that refuse a field that they do not have.</summary>
public sealed class SchemaTests
{
    private const string Right = """
        apiVersion: v1
        kind: Service
        metadata: {name: right}
        spec: {ports: [{name: http, port: 80}]}
        """;

    [Theory, InlineData("small"), InlineData("production")]
    public async Task Every_object_fits_its_schema(string overlay)
    {
        var manifests = Manifests.Of(overlay);

        manifests.Objects.Count.ShouldBeGreaterThan(15);
        (await ObjectSchema.Check(manifests.Text)).ShouldBe($"{manifests.Objects.Count} objects are right");
    }

    [Fact]
    public async Task A_value_that_does_not_fit_is_told()
    {
        (await ObjectSchema.Check(Right)).ShouldBe("1 objects are right");
        (await ObjectSchema.Check(Right.Replace("port: 80", "port: http"))).ShouldContain("Service right: ");
        (await ObjectSchema.Check(Right.Replace("port: 80", "nodePort: 80"))).ShouldContain("port");
    }

    [Fact]
    public void A_field_that_does_not_exist_is_refused()
    {
        Manifests.Parse(Right).Objects.Count.ShouldBe(1);
        Should.Throw<YamlException>(() => Manifests.Parse(Right.Replace("port: 80", "port: 80, ports: 80")));
    }
}
