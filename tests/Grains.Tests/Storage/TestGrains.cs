using DeployCard.Domain.AsyncCalls;
using DeployCard.Domain.Deployments;
using DeployCard.Domain.Keys;

namespace DeployCard.Grains.Tests.Storage;

public interface ITestDeploymentGrain : IGrainWithStringKey
{
    Task Write(string title);

    Task<string> Title();

    Task Clear();
}

public interface ITestKeyGrain : IGrainWithStringKey
{
    Task Write(string deployment);

    Task Clear();
}

public interface ITestCallGrain : IGrainWithStringKey
{
    Task Write(string deployment);

    Task<string> Deployment();

    Task Clear();
}

public sealed class TestDeploymentGrain([PersistentState("deployment")] IPersistentState<DeploymentState> state)
    : Grain,
        ITestDeploymentGrain
{
    public Task Write(string title)
    {
        (state.State.Name, state.State.Title) = (this.GetPrimaryKeyString(), title);
        return state.WriteStateAsync();
    }

    public Task<string> Title() => Task.FromResult(state.State.Title);

    public Task Clear() => state.ClearStateAsync();
}

public sealed class TestKeyGrain([PersistentState("key")] IPersistentState<KeyState> state) : Grain, ITestKeyGrain
{
    public Task Write(string deployment)
    {
        (state.State.Id, state.State.Hash, state.State.Deployment) = ("k", this.GetPrimaryKeyString(), deployment);
        return state.WriteStateAsync();
    }

    public Task Clear() => state.ClearStateAsync();
}

public sealed class TestCallGrain([PersistentState("asyncCall")] IPersistentState<AsyncCallState> state) : Grain, ITestCallGrain
{
    public Task Write(string deployment)
    {
        state.State = state.State with { Id = this.GetPrimaryKeyString(), Deployment = deployment };
        return state.WriteStateAsync();
    }

    public Task<string> Deployment() => Task.FromResult(state.State.Deployment);

    public Task Clear() => state.ClearStateAsync();
}
