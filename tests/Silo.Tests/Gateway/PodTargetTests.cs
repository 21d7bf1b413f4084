using DeployCard.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class PodTargetTests
{
    /// <summary>Target for the pod of a request as Kestrel presents it: a raw target, and a decoded and resolved path.</summary>
    private static string Target(string raw, string path, string query = "")
    {
        var context = new DefaultHttpContext();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = raw;
        context.Request.Path = path;
        context.Request.QueryString = new(query);
        return PodTarget.GetTarget(context, "iris").ToString();
    }

    [Theory]
    [InlineData("/predict/iris/v1/models/iris:predict", "/v1/models/iris:predict")]
    [InlineData("/predict/iris/", "/")]
    [InlineData("/predict/iris", "/")]
    [InlineData("/predict/iris?a=1&b=%20", "/?a=1&b=%20")]
    [InlineData("/predict/iris/?a=1", "/?a=1")]
    [InlineData("/predict/iris/a//b", "/a//b")]
    [InlineData("/predict/iris//", "//")]
    public void Path_and_query_after_the_name_are_the_pods_target(string raw, string target) =>
        Target(raw, raw.Split('?')[0]).ShouldBe(target);

    [Theory]
    [InlineData("/predict/iris/a%2Fb", "/predict/iris/a%2Fb", "/a%2Fb")]
    [InlineData("/predict/iris/a%252Fb", "/predict/iris/a%2Fb", "/a%252Fb")]
    [InlineData("/predict/iris/%41%c3%a9", "/predict/iris/Aé", "/%41%c3%a9")]
    [InlineData("/predict/iris/x?q=a%2Fb", "/predict/iris/x", "/x?q=a%2Fb")]
    public void Escapes_are_kept_as_the_client_sent_them(string raw, string path, string target) => Target(raw, path).ShouldBe(target);

    [Theory]
    [InlineData("/predict/iris/.well-known/%41", "/predict/iris/.well-known/A", "/.well-known/%41")]
    [InlineData("/predict/iris/a.b/..c%252F", "/predict/iris/a.b/..c%2F", "/a.b/..c%252F")]
    [InlineData("/predict/iris/%41?file=/../etc&dot=%2e", "/predict/iris/A", "/%41?file=/../etc&dot=%2e")]
    public void Dots_within_a_segment_change_nothing(string raw, string path, string target) => Target(raw, path).ShouldBe(target);

    [Theory]
    [InlineData("/predict/iris/a/../b", "/predict/iris/b", "/b")]
    [InlineData("/predict/iris/./b", "/predict/iris/b", "/b")]
    [InlineData("/predict/iris/a/%2e%2E/b", "/predict/iris/b", "/b")]
    [InlineData("/predict/iris/a/.%2e", "/predict/iris/", "/")]
    [InlineData("/predict/digits/../iris/b", "/predict/iris/b", "/b")]
    [InlineData("/predict/iris/../../predict/iris/c", "/predict/iris/c", "/c")]
    public void Dot_segments_are_resolved_by_the_server(string raw, string path, string target)
    {
        Target(raw, path).ShouldBe(target);
        Target(raw + "?q=1", path, "?q=1").ShouldBe(target + "?q=1");
    }

    [Theory]
    [InlineData("/predict/%69ris/a", "/predict/iris/a", "/a")]
    [InlineData("/PREDICT/iris/a", "/PREDICT/iris/a", "/a")]
    [InlineData("http://models.example.org/predict/iris/a", "/predict/iris/a", "/a")]
    public void Escaped_or_absolute_target_is_still_recognized(string raw, string path, string target) =>
        Target(raw, path).ShouldBe(target);

    [Theory]
    [InlineData("/predict/iris/v1", "iris")]
    [InlineData("/predict/iris", "iris")]
    [InlineData("/predict/iris/", "iris")]
    [InlineData("/PREDICT/iris/", "iris")]
    [InlineData("/predict//x", "")]
    [InlineData("/predict/", "")]
    [InlineData("/predict", "")]
    [InlineData("/predictions/iris", "")]
    [InlineData("/graphql", "")]
    [InlineData(null, "")]
    public void Deployment_name_follows_the_path_prefix(string? path, string name) =>
        PodTarget.GetDeploymentName(path).ToString().ShouldBe(name);
}
