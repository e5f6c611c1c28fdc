//! One client of an engine: connects, takes orders, tells what happens.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep};

use super::client::{Client, ClientConfig};
use super::control::{Control, Controls, LiveEnd, Order};
use super::engine_event::{ClientId, EngineEvent, is_one_of_many, lock};
use super::hub::Hub;
use crate::analysis::api::ReadyState;
use crate::endpoint::Event;
use crate::endpoint::WsUrl;
use crate::model::protocol::{Protocol, Side};
use crate::trace::ConnectionId;

/// What is known of a client of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientState {
    /// The client.
    pub id: ClientId,
    /// Where it was to connect.
    pub url: WsUrl,
    /// The version that it speaks.
    pub protocol: Protocol,
    /// Its state, in the words of the WebSocket API.
    pub state: ReadyState,
    /// The bytes that it was told to send and that the system has not taken yet: `bufferedAmount`, with all headers.
    pub buffered: u64,
    /// Its address and the server's, once TCP is open.
    pub ends: Option<(SocketAddr, SocketAddr)>,
    /// The connection, as in the trace of the recording.
    pub connection: Option<ConnectionId>,
    /// The subprotocol that was agreed on.
    pub subprotocol: Option<String>,
    /// How it was closed: the code, the reason that the server gave, and whether both ends said goodbye.
    pub closed: Option<(u16, String, bool)>,
}

impl ClientState {
    pub(super) fn new(id: ClientId, config: &ClientConfig) -> Self {
        Self {
            id,
            url: config.url.clone(),
            protocol: config.protocol,
            state: ReadyState::Connecting,
            buffered: 0,
            ends: None,
            connection: None,
            subprotocol: None,
            closed: None,
        }
    }
}

/// The code of an API where no close frame came (RFC 6455 section 7.1.5).
const ABNORMAL: u16 = 1006;

/// While bytes wait to be written, their number is looked at this often.
const LOOK: Duration = Duration::from_millis(20);

/// Runs a client from its first packet to its last.
pub(super) async fn run_client(
    id: ClientId,
    config: ClientConfig,
    orders: UnboundedReceiver<Order>,
    controls: Controls,
    state: Arc<Mutex<ClientState>>,
    hub: Arc<Hub<EngineEvent>>,
) {
    let until = Instant::now() + config.limits.handshake;
    let opened = Client::open_tcp(config, until).await;
    let result = match opened {
        Ok(mut client) => {
            let (local, peer) = (client.local_addr(), client.peer_addr());
            let connection = client.connection();
            {
                let mut state = lock(&state);
                (state.ends, state.connection) = (Some((local, peer)), Some(connection));
            }
            let control = controls.take(LiveEnd { connection, side: Side::Client });
            hub.push(EngineEvent::Connected { client: id, connection, local, peer }, false);
            match client.shake_hands(until).await {
                Ok(()) => {
                    Running { id, client, control, orders, state: Arc::clone(&state), hub: Arc::clone(&hub) }
                        .run()
                        .await;
                    Ok(())
                }
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    };
    {
        let mut state = lock(&state);
        (state.state, state.buffered) = (ReadyState::Closed, 0);
        state.closed.get_or_insert((ABNORMAL, String::new(), false));
    }
    match result {
        Ok(()) => hub.wake(),
        Err(error) => hub.push(EngineEvent::CannotConnect { client: id, error }, false),
    }
}

/// A client whose WebSocket is open.
struct Running {
    id: ClientId,
    client: Client,
    control: Control,
    orders: UnboundedReceiver<Order>,
    state: Arc<Mutex<ClientState>>,
    hub: Arc<Hub<EngineEvent>>,
}

impl Running {
    async fn run(mut self) {
        {
            let agreement = self.client.agreement();
            let mut state = lock(&self.state);
            (state.state, state.subprotocol) = (ReadyState::Open, agreement.subprotocol.clone());
        }
        let agreement = self.client.agreement().clone();
        let resource = lock(&self.state).url.resource.clone();
        self.tell(Event::Open { agreement, resource });
        let mut told = true;
        loop {
            let buffered = self.client.endpoint().output().len();
            self.set_buffered(buffered);
            tokio::select! {
                order = self.control.next() => self.obey(&order),
                order = self.orders.recv(), if told => match order {
                    Some(order) => self.obey(&order),
                    None => told = false,
                },
                event = self.client.next_event() => match event {
                    Ok(Some(event)) => self.take(event),
                    Ok(None) => return,
                    Err(_) => {} // The end of the connection follows as an event.
                },
                () = sleep(LOOK), if buffered > 0 => {}
            }
        }
    }

    fn set_buffered(&self, bytes: usize) {
        self.control.set_buffered(bytes);
        let mut state = lock(&self.state);
        let changed = state.buffered != bytes as u64;
        state.buffered = bytes as u64;
        drop(state);
        if changed {
            self.hub.wake();
        }
    }

    fn obey(&mut self, order: &Order) {
        match order.carry_out(self.client.endpoint()) {
            Ok(()) if order.ends() => {
                self.set_state(ReadyState::Closing);
            }
            Ok(()) => {}
            Err(error) => self.hub.push(EngineEvent::NotSent { client: self.id, error }, false),
        }
    }

    fn set_state(&self, new: ReadyState) {
        let mut state = lock(&self.state);
        state.state = state.state.max(new);
    }

    fn take(&mut self, event: Event) {
        match &event {
            Event::CloseReceived { reason, .. } => {
                self.set_state(ReadyState::Closing);
                lock(&self.state).closed = Some((ABNORMAL, reason.clone(), false));
            }
            Event::Closed { clean, code } => {
                let mut state = lock(&self.state);
                let reason = state.closed.take().map_or_else(String::new, |(_, reason, _)| reason);
                state.closed = Some((*code, reason, *clean));
                // TCP may be open for a while: the server closes it.
                state.state = state.state.max(ReadyState::Closing);
            }
            _ => {}
        }
        self.tell(event);
    }

    fn tell(&self, event: Event) {
        let many = is_one_of_many(&event);
        self.hub.push(EngineEvent::Client { client: self.id, event }, many);
    }
}
